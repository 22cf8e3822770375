import { Cluster } from 'ioredis'
import { redis } from 'otpkit/databases/redis'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { redisStore } from 'otpkit/stores/redis'
import { createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forgiving } from '../../src/testing/database-forgiveness-cases'
import { newPerson, newSubmission, unitsOf } from '../../src/testing/database-samples'
import { opaque } from '../../src/testing/random'
import { eventually } from '../servers/process'
import { askRedis } from '../servers/redis'
import { type RedisCluster, startRedisCluster } from '../servers/redis-cluster'
import { expectExpiries } from '../servers/redis-keys'
import { ownName } from '../servers/shared'
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy'

const limits = ['mRecipient', 'fRecipient', 'iAddress', 'bBudget'].map((key) => ({
  key,
  max: 5,
  windowMs: 60_000,
}))

interface Node {
  readonly port: number
  readonly proxy: TcpProxy
}

async function connectNodeRedis(nodes: readonly Node[]) {
  const client = createCluster({
    rootNodes: nodes.map(({ proxy }) => ({ url: `redis://127.0.0.1:${proxy.port}` })),
    nodeAddressMap: Object.fromEntries(
      nodes.map(({ port, proxy }) => [
        `127.0.0.1:${port}`,
        { host: '127.0.0.1', port: proxy.port },
      ]),
    ),
    defaults: { disableOfflineQueue: true },
  })
  client.on('error', () => {})
  await client.connect()
  return { client, close: async () => client.destroy() }
}

function connectIoRedis(options: { readonly retryDelayOnFailover?: number }) {
  return async (nodes: readonly Node[]) => {
    const client = new Cluster(
      nodes.map(({ proxy }) => ({ host: '127.0.0.1', port: proxy.port })),
      {
        natMap: Object.fromEntries(
          nodes.map(({ port, proxy }) => [
            `127.0.0.1:${port}`,
            { host: '127.0.0.1', port: proxy.port },
          ]),
        ),
        lazyConnect: true,
        ...options,
      },
    )
    client.on('error', () => {})
    await client.connect()
    return { client, close: async () => client.disconnect() }
  }
}

const clients = [
  { name: 'node-redis', connect: connectNodeRedis, resends: false },
  { name: 'ioredis', connect: connectIoRedis({}), resends: true },
  {
    name: 'ioredis as recommended',
    connect: connectIoRedis({ retryDelayOnFailover: 0 }),
    resends: false,
  },
]

describe('the Redis adapters on a cluster with faults', () => {
  let cluster: RedisCluster
  let nodes: Node[]
  beforeAll(async () => {
    cluster = await startRedisCluster()
    nodes = await Promise.all(
      cluster.nodes.map(async ({ port }) => ({ port, proxy: await startTcpProxy(port) })),
    )
  })
  afterAll(async () => {
    await Promise.all(nodes.map(({ proxy }) => proxy.stop()))
    await cluster.stop()
  })

  /** What becomes of a call whose first reply is cut off, whichever node it comes from. */
  async function cutAnywhere<T>(call: () => Promise<T>): Promise<T | undefined> {
    const struck = Promise.race(nodes.map(({ proxy }) => proxy.cut('before the reply')))
    struck.then(() => {
      for (const { proxy } of nodes) proxy.callOff()
    })
    const result = await call().catch(() => undefined)
    await struck
    return result
  }

  it.each(clients)('S46 $name: a reply that is lost gives nothing twice', async (kind) => {
    const { client, close } = await kind.connect(nodes)
    const prefix = ownName('cluster')
    const store = redisStore(client, { prefix, timeoutMs: 20_000 })
    const rateLimiter = redisRateLimiter(client, { prefix, timeoutMs: 20_000 })
    const challenge = { id: 'id', digest: 'digest', attempts: 3, ttlMs: 300_000, data: 'data' }
    // The second time, the servers know the scripts.
    for (const _ of [1, 2]) {
      await store.put(challenge)
      await store.attempt('id', ['digest'])
      await rateLimiter.take(limits)
      await rateLimiter.clear(limits.map(({ key }) => key))
    }
    await store.put(challenge)

    const first = await cutAnywhere(() => store.attempt('id', ['digest']))
    expect(first?.outcome).not.toBe('verified')
    if (!kind.resends) expect(first).toBeUndefined()
    const second = await eventually(() => store.attempt('id', ['digest']))
    expect(second).toEqual({ outcome: 'used' })

    const looks = limits.map((limit) => ({ ...limit, cost: 0 }))
    await eventually(() => rateLimiter.take(looks))
    const taken = await cutAnywhere(() => rateLimiter.take(limits))
    const { used } = await eventually(() => rateLimiter.take(looks))
    // Cut at the first slot, which is charged; the later ones only if the client sent it again.
    expect(used[0]).toBeGreaterThanOrEqual(1)
    expect(used[1]).toBe(used[0])
    const charged = taken === undefined ? 0 : 1
    expect(used.slice(2)).toEqual([charged, charged])
    await expectExpiries(cluster.urls, prefix)
    await close()
  })

  it.each(clients)(
    'S46 $name: a settle whose reply is lost is its own when asked again',
    async (kind) => {
      const { client, close } = await kind.connect(nodes)
      const prefix = ownName('cluster')
      const database = redis(client, { prefix, timeoutMs: 20_000 })
      const alone = { ...forgiving, limits: [forgiving.limits[0]] } as const
      // The reply that is lost is the recipient's, or that of the address, which is asked before it.
      for (const policy of [alone, forgiving]) {
        const person = newPerson()
        const challenge = person.challenge({ attempts: 5 })
        const keys = [person.key('f'), `v${opaque()}`, person.key('o')]
        const guess = (digest: string) =>
          newSubmission(person, challenge, { policy, keys, digests: [digest] })
        // The second time, the servers know the scripts.
        for (const _ of [1, 2]) {
          await database.put(challenge)
          await database.settle(guess(opaque()))
          await database.settle(guess(challenge.digest))
          await unitsOf(database, ...keys)
        }
        await database.clear(keys)
        await database.put(challenge)
        await database.settle(guess(opaque()))

        const right = guess(challenge.digest)
        const first = await cutAnywhere(() => database.settle(right))
        const verified = { outcome: 'verified', attemptsUsed: 2, data: challenge.data }
        if (kind.resends) expect(first?.attempt).toMatchObject(verified)
        else expect(first).toBeUndefined()
        const second = await eventually(() => database.settle(right))
        expect(second.attempt).toMatchObject(verified)
        const other = await database.settle(guess(challenge.digest))
        expect(other.attempt).toEqual({ outcome: 'used' })
        const [ledger, address = 0, forgiven] = await unitsOf(database, ...keys)
        expect([ledger, forgiven]).toEqual([0, 1])
        // The wrong guess, the right one and the other call; a charge that was lost may stand.
        const least = policy === alone ? 0 : 3
        expect(address - least).toBeGreaterThanOrEqual(0)
        expect(address - least).toBeLessThanOrEqual(policy === alone ? 0 : 1)
      }
      await expectExpiries(cluster.urls, prefix)
      await close()
    },
  )

  it('go on by themselves when a primary dies and its replica takes over', async () => {
    const connected = await Promise.all(clients.map(({ connect }) => connect(nodes)))
    const stores = connected.map(({ client }) => redisStore(client, { timeoutMs: 1_000 }))
    const ids = Array.from({ length: 12 }, (_, index) => `id${index}`)
    const putAll = (store: (typeof stores)[number]) =>
      Promise.all(
        ids.map((id) => store.put({ id, digest: id, attempts: 3, ttlMs: 300_000, data: '' })),
      )
    for (const store of stores) await putAll(store)
    const [primary, , , replica] = cluster.nodes
    if (primary === undefined || replica === undefined) throw new Error('no such node')
    await primary.kill()
    await askRedis(replica.url, 'CLUSTER', 'FAILOVER', 'TAKEOVER')
    for (const store of stores) {
      await eventually(() => putAll(store))
      const outcomes = await Promise.all(ids.map((id) => store.attempt(id, [id])))
      expect(outcomes.every(({ outcome }) => outcome === 'verified')).toBe(true)
    }
    for (const { close } of connected) await close()
  })
})
