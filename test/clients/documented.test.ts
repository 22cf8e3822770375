import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { testNotRun } from '../not-run'
import { redisKinds } from '../servers/redis-kinds'
import { installClients } from './installed'

// Clients that other tests run the kits over: test/databases with the root's packages.
const elsewhere = [
  '`pg`, a `Pool` or a connected `Client`',
  '`redis` (node-redis), client and cluster',
  '`ioredis`, `Redis` and `Cluster`',
  '`mysql2/promise`, a pool or a connection',
  '`libsql`',
  '`node:sqlite`, where Node has it',
  // On Bun itself: test/runtimes/bun-clients.test.ts.
  '`sql` of Bun',
  '`bun:sqlite`',
  // By hand.
  '`prisma`',
  '`pg-promise`',
]

const problem = await installClients()
describe('the table of clients', async () => {
  if (problem !== undefined) return testNotRun('the table of clients', problem)
  const [{ postgresKinds }, { redisClientKinds }, { sqliteKinds }] = await Promise.all([
    import('./postgres-kinds'),
    import('./redis-kinds'),
    import('./sqlite-kinds'),
  ])

  it('has those that the kit runs over, by the names of the tests, and no others', async () => {
    const page = await readFile('docs/hosting/clients.md', 'utf8')
    const table = page.slice(page.indexOf('## Taken'), page.indexOf('## Refused'))
    const rows = [...table.matchAll(/^\| (`.*?) \| /gm)].flatMap(([, client = '']) =>
      elsewhere.includes(client) ? [] : [client.replaceAll('`', '')],
    )
    const kinds = [...postgresKinds, ...redisClientKinds, ...sqliteKinds].map(({ name }) =>
      name.replace(/, prepared$/, ''),
    )
    // Versions beside the root's stand in one row with it.
    const versioned = kinds.flatMap(
      (name) => /^(ioredis|redis \(node-redis\)) (\d)$/.exec(name) ?? [],
    )
    expect(versioned).toHaveLength(9)
    for (const name of kinds) {
      const [, client, version] = /^(ioredis|redis \(node-redis\)) (\d)$/.exec(name) ?? []
      if (client === undefined || version === undefined) continue
      const row = table
        .split('\n')
        .find((line) => line.replaceAll('`', '').startsWith(`| ${client}, `))
      expect(row?.split('|')[2]?.split(',').map(Number)).toContain(Number(version))
    }
    const own = kinds.filter((name) => !versioned.includes(name))
    expect(rows.sort()).toEqual([...new Set(own)].sort())
    expect(redisKinds.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node-redis cluster', 'ioredis cluster']),
    )
    for (const client of elsewhere) expect(table).toContain(`| ${client} |`)
  })
})
