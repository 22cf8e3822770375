import { migrate, postgresStore } from 'otpkit/stores/postgres'
import pg from 'pg'
import { describe, expect, it, vi } from 'vitest'
import { startPostgres } from '../servers/postgres'
import { startPostgresReplica } from '../servers/postgres-replica'
import { startTcpProxy } from '../servers/tcp-proxy'
import { patienceMs } from './sql-databases'

const asynchronous = ['synchronous_standby_names=']
const synchronous = ['synchronous_standby_names=*', 'synchronous_commit=on']

const ids = Array.from({ length: 400 }, (_, index) => `id-${index}`)

function poolOf(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 20 })
  // A connection that dies with its server is no test failure.
  pool.on('error', () => {})
  return pool
}

/** A primary with one replica, which has a challenge of each id. */
async function replicated(settings: readonly string[]) {
  const primary = await startPostgres({ args: settings.flatMap((setting) => ['-c', setting]) })
  const link = await startTcpProxy(primary.port)
  const replica = await startPostgresReplica(primary, link.port)
  const pool = poolOf(primary.url)
  await migrate(pool)
  const store = postgresStore(pool)
  await Promise.all(
    ids.map((id) => store.put({ id, digest: 'right', attempts: 3, ttlMs: 300_000, data: 'data' })),
  )
  await replica.caughtUp()
  return {
    store,
    pool,
    kill: primary.kill,
    /** From now on the replica hears nothing of the primary. */
    cutOff: () => link.refuse(true),
    /** The one backend that waits for the replica, once it does. */
    waitingForStandby: () =>
      vi.waitFor(async () => {
        const sql = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        const { rows } = await pool.query(sql)
        expect(rows).toHaveLength(1)
        return rows
      }, patienceMs),
    /** The primary is gone, the replica takes over: how many of the codes verify there? */
    async verifiedAfterFailover(used: readonly string[]): Promise<number> {
      await primary.kill()
      await replica.promote()
      const promoted = poolOf(replica.url)
      const again = postgresStore(promoted)
      const outcomes = await Promise.all(used.map((id) => again.attempt(id, ['right'])))
      await promoted.end()
      return outcomes.filter(({ outcome }) => outcome === 'verified').length
    },
    async stop() {
      await pool.end()
      await link.stop()
      await Promise.all([primary.stop(), replica.stop()])
    },
  }
}

describe('postgresStore when the primary dies after a success', () => {
  it('S51 successes that no replica had seen can be had again: the documented limit', async () => {
    const servers = await replicated(asynchronous)
    servers.cutOff()
    const used = ids.slice(0, 5)
    for (const id of used) {
      expect((await servers.store.attempt(id, ['right'])).outcome).toBe('verified')
    }
    expect(await servers.verifiedAfterFailover(used)).toBe(5)
    await servers.stop()
  })

  it('S51 with a synchronous standby it is no success before the standby has it', async () => {
    const servers = await replicated(synchronous)
    servers.cutOff()
    const attempt = servers.store.attempt('id-0', ['right'])
    const failed = expect(attempt).rejects.toThrow()
    await servers.waitingForStandby()
    expect(await servers.verifiedAfterFailover(['id-0'])).toBe(1)
    await failed
    await servers.stop()
  })

  it('S51 a wait for the standby that is cancelled ends in a success: the documented limit', async () => {
    const servers = await replicated(synchronous)
    servers.cutOff()
    const attempt = servers.store.attempt('id-0', ['right'])
    const [backend] = await servers.waitingForStandby()
    await servers.pool.query('SELECT pg_cancel_backend($1)', [backend?.pid])
    expect((await attempt).outcome).toBe('verified')
    expect(await servers.verifiedAfterFailover(['id-0'])).toBe(1)
    await servers.stop()
  })

  it.each([
    { name: 'asynchronous', settings: asynchronous },
    { name: 'synchronous', settings: synchronous },
  ])('S51 measured: codes used up twice, the standby $name', async ({ name, settings }) => {
    const servers = await replicated(settings)
    const used: string[] = []
    const outcomes = new Set<string>()
    const rest = ids.values()
    let killed: Promise<void> | undefined
    const worker = async () => {
      for (const id of rest) {
        const { outcome } = await servers.store.attempt(id, ['right'])
        outcomes.add(outcome)
        used.push(id)
        if (used.length > 100) killed ??= servers.kill()
      }
      // Of a kill that is slow to come nobody may be the last to hear.
      for (;;) await servers.store.get('id-0')
    }
    const workers = await Promise.allSettled(Array.from({ length: 20 }, worker))
    await killed
    expect(new Set(workers.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(outcomes).toEqual(new Set(['verified']))
    const twice = await servers.verifiedAfterFailover(used)
    console.log(`Failover, standby ${name}: ${twice} of ${used.length} could be had twice.`)
    if (name === 'synchronous') expect(twice).toBe(0)
    await servers.stop()
  })
})
