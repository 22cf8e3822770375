import { postgres } from 'otpkit/databases/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fault, startTcpProxy } from '../servers/tcp-proxy'
import { sweepingLate } from '../stores/sql-databases'
import { outcomes, people, unitsOf, watched } from './batched-people'
import { openSchema } from './own-schema'

let opened: Awaited<ReturnType<typeof openSchema>>
beforeAll(async () => {
  opened = await openSchema()
})
afterAll(() => opened.close())

describe('a batch', () => {
  it.each(['57P01', '08006', 'ECONNRESET', 'EPIPE', undefined])(
    'whose connection is lost by %s is not made again, and fails for all',
    async (code) => {
      const { names, begin, address } = people(32)
      let calls = 0
      const { database } = watched(opened, (values) => {
        if (!String(values[0]).includes(names[0] ?? '')) return
        calls += 1
        throw Object.assign(new Error('lost'), { code })
      })
      const settled = await Promise.allSettled(names.map((name) => database.begin(begin(name))))
      expect(new Set(outcomes(settled))).toEqual(new Set(['rejected']))
      expect(calls).toBe(1)
      expect(await unitsOf(database, address)).toEqual([0])
    },
  )

  it('whose connection was closed while it was written is not sent again either', async () => {
    const { connectionString, schema } = opened
    const { names, begin, address } = people(32)
    const url = new URL(connectionString)
    const proxy = await startTcpProxy(Number(url.port))
    url.port = String(proxy.port)
    const pool = new pg.Pool({ connectionString: url.href, max: 1 })
    pool.on('error', () => {})
    try {
      const database = sweepingLate(() => postgres(pool, { schema }))
      await database.get('nothing')
      // More than a socket takes at once, so the client is still writing when it hears of it.
      const data = 'x'.repeat(200_000)
      proxy.refuse(true)
      proxy.refuse(false)
      const settled = await Promise.allSettled(
        names.map((name) => {
          const own = begin(name)
          return database.begin({ ...own, challenge: { ...own.challenge, data } })
        }),
      )
      for (const one of settled) expect(one).toMatchObject({ reason: { code: 'EPIPE' } })
      expect(await unitsOf(database, address)).toEqual([0])
    } finally {
      await pool.end()
      await proxy.stop()
    }
  })

  const faults: readonly Fault[] = ['before the request', 'after the request', 'before the reply']

  it.each(faults)(
    'that is cut %s charges at most once and verifies nothing twice',
    async (fault) => {
      const { connectionString, schema } = opened
      const { names, begin, guess } = people(30)
      const sound = watched(opened).database
      await Promise.all(names.map((name) => sound.begin(begin(name))))
      const url = new URL(connectionString)
      const proxy = await startTcpProxy(Number(url.port))
      url.port = String(proxy.port)
      const pool = new pg.Pool({ connectionString: url.href, max: 1 })
      pool.on('error', () => {})
      try {
        const database = sweepingLate(() => postgres(pool, { schema }))
        await database.get('nothing')
        const submissions = names.map((name, index) => guess(name, index % 2 ? 'wrong' : undefined))
        const struck = proxy.cut(fault)
        const settled = await Promise.allSettled(submissions.map((of) => database.settle(of)))
        await struck
        expect(new Set(outcomes(settled))).toEqual(new Set(['rejected']))
        const again = await Promise.all(submissions.map((of) => database.settle(of)))
        const strangers = await Promise.all(names.map((name) => sound.settle(guess(name))))
        const left = new Set<number>()
        for (const [index, { attempt }] of again.entries()) {
          // The same call gets its own success again; nobody else does.
          if (index % 2 === 0) {
            expect(attempt?.outcome).toBe('verified')
            expect(strangers[index]?.attempt?.outcome).toBe('used')
          } else {
            expect(attempt?.outcome).toBe('incorrect')
            if (attempt?.outcome === 'incorrect') left.add(attempt.attemptsLeft)
          }
        }
        // Of a request that had arrived, the server did all or, hearing of the cut, nothing.
        const known = {
          'before the request': ['2'],
          'after the request': ['1', '2'],
          'before the reply': ['1'],
        }
        expect(known[fault]).toContain([...left].join())
      } finally {
        await pool.end()
        await proxy.stop()
      }
    },
  )
})
