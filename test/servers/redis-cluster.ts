import { eventually, freePort } from './process'
import { askRedis, startRedis } from './redis'
import type { TestServer } from './server'

/** A Redis Cluster of one's own. */
export interface RedisCluster {
  /** One address a node: three masters, then their replicas in the same order. */
  readonly urls: readonly string[]
  readonly nodes: readonly TestServer[]
  stop(): Promise<void>
}

const slotCount = 16_384
const masterCount = 3

/** Starts six nodes on loopback, three masters and three replicas, and waits until they agree. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all(
    Array.from({ length: 2 * masterCount }, async () => {
      const busPort = await freePort()
      const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)]
      const node = await startRedis({ args: [...args, '--cluster-node-timeout', '30000'] })
      return { ...node, busPort }
    }),
  )
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    await form(nodes)
  } catch (error) {
    await stop()
    throw error
  }
  return { urls: nodes.map((node) => node.url), nodes, stop }
}

interface Node {
  readonly url: string
  readonly port: number
  readonly busPort: number
}

async function form(nodes: readonly Node[]): Promise<void> {
  const masters = nodes.slice(0, masterCount)
  const ids = await Promise.all(nodes.map((node) => askRedis(node.url, 'CLUSTER', 'MYID')))
  await Promise.all(
    masters.map((node, index) => {
      const first = Math.floor((index * slotCount) / masterCount)
      const last = Math.floor(((index + 1) * slotCount) / masterCount) - 1
      return askRedis(node.url, 'CLUSTER', 'ADDSLOTSRANGE', first, last)
    }),
  )
  // Equal epochs would have to be settled by a collision first.
  await Promise.all(
    nodes.map((node, index) => askRedis(node.url, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1)),
  )
  for (const left of nodes) {
    for (const right of nodes) {
      if (left !== right) {
        await askRedis(left.url, 'CLUSTER', 'MEET', '127.0.0.1', right.port, right.busPort)
      }
    }
  }
  await Promise.all(
    nodes
      .slice(masterCount)
      .map((replica, index) =>
        eventually(() => askRedis(replica.url, 'CLUSTER', 'REPLICATE', String(ids[index]))),
      ),
  )
  await Promise.all(nodes.map((node, index) => eventually(() => ready(node, index))))
}

async function ready(node: Node, index: number): Promise<void> {
  const state = String(await askRedis(node.url, 'CLUSTER', 'INFO'))
  if (!/cluster_state:ok/.test(state)) throw new Error(state)
  const table = String(await askRedis(node.url, 'CLUSTER', 'NODES'))
  const replicas = table.match(/ (myself,)?slave /g) ?? []
  if (replicas.length !== masterCount) throw new Error(table)
  const replication = String(await askRedis(node.url, 'INFO', 'replication'))
  const expected = index < masterCount ? /connected_slaves:1/ : /master_link_status:up/
  if (!expected.test(replication)) throw new Error(replication)
}
