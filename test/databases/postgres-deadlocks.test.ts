import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { schema as ddl } from 'otpkit/stores/postgres'
import { describe, expect, it } from 'vitest'
import type { CallsOrder, CallsReport } from '../processes/any-calls'
import { openSchema } from './own-schema'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
/** Calls of all processes; a run by hand may ask for more. */
const allCalls = Number(process.env.OTPKIT_CALLS ?? 9_000)
const processes = 3
const worker = fileURLToPath(new URL('../processes/any-calls.ts', import.meta.url))

type Opened = Awaited<ReturnType<typeof openSchema>>

/** What three processes see that make so many calls of all kinds, 40 at once each. */
async function callAtOnce({ connectionString, schema }: Opened, calls: number, round = 0) {
  const reports = await Promise.all(
    Array.from({ length: processes }, async (_, place): Promise<CallsReport> => {
      const child = fork(worker, { execArgv: ['--import', 'tsx'] })
      try {
        const order: CallsOrder = {
          ...{ connectionString, schema, calls: Math.ceil(calls / processes) },
          seed: seed + place + processes * round,
        }
        child.send(order)
        const ended = once(child, 'exit').then(([code]) => {
          throw new Error(`a process ended with code ${code}`)
        })
        ended.catch(() => {})
        const [report] = await Promise.race([once(child, 'message'), ended])
        return report
      } finally {
        child.kill()
      }
    }),
  )
  return {
    errors: reports.flatMap(({ errors }) => errors),
    thrown: reports.flatMap(({ thrown }) => thrown),
  }
}

describe(`${allCalls} calls of all kinds, by three processes at once (seed ${seed})`, () => {
  it('never wait for each other in a circle, and none is thrown', {
    timeout: 600_000,
  }, async () => {
    const opened = await openSchema()
    const { errors, thrown } = await callAtOnce(opened, allCalls)
    expect(thrown).toEqual([])
    // A store's own calls hold no lock of a subject, so steps may find a challenge changed, or put.
    expect(errors.filter((code) => code !== '40001' && code !== '23505')).toEqual([])
    await opened.close()
  })

  it('do wait so where keys are locked in the order that they come in', async () => {
    const opened = await openSchema()
    const { pool, schema } = opened
    const ordered = /SELECT DISTINCT (hashtextextended[^;]*?) ORDER BY "hash"/g
    expect(ddl({ schema }).match(ordered)?.length).toBe(4)
    await pool.query(ddl({ schema }).replaceAll(ordered, 'SELECT $1'))
    const errors: string[] = []
    for (let round = 0; round < 20 && !errors.includes('40P01'); round += 1) {
      errors.push(...(await callAtOnce(opened, 3_000, round)).errors)
    }
    expect(errors).toContain('40P01')
    await opened.close()
  })
})
