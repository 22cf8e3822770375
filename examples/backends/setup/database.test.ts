import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startPostgres } from '../../../test/servers/postgres'
import { eventually, freePort } from '../../../test/servers/process'
import { postgresUrl } from '../../../test/servers/shared'
import { ownPostgres } from '../testing/own-postgres'
import { temporaryFolder } from '../testing/temporary-folder'
import { type DatabasePlace, isDuplicate, openDatabase } from './database'

/** A file in a folder that is not there yet. */
async function ownFile(): Promise<DatabasePlace> {
  return { name: 'SQLite', file: join(temporaryFolder(), 'new', 'example.db') }
}

async function ownDatabase() {
  return { name: 'PostgreSQL', url: await ownPostgres() } as const
}

interface Tables {
  people: { name: string }
}

const createPeople = {
  up: (database: Kysely<unknown>) =>
    database.schema
      .createTable('people')
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .execute(),
}
const addBob = {
  up: async (database: Kysely<unknown>) => {
    await sql`insert into people values ('Bob')`.execute(database)
  },
}
const noLog = () => {}
const open = (place: DatabasePlace, migrations = {}, name = 'example') =>
  openDatabase<Tables>(place, name, migrations, noLog)

const names = async (database: Kysely<Tables>) =>
  (await database.selectFrom('people').selectAll().orderBy('name').execute()).map(
    ({ name }) => name,
  )

describe.each([
  ['SQLite', ownFile],
  ['PostgreSQL', ownDatabase],
])('a database in %s', (_name, ownPlace) => {
  it('is migrated once, and then by what is new', async () => {
    const place = await ownPlace()
    const first = await open(place, { '0001': createPeople })
    await first.insertInto('people').values({ name: 'Asha' }).execute()
    await first.destroy()
    const second = await open(place, { '0001': createPeople, '0002': addBob })
    expect(await names(second)).toEqual(['Asha', 'Bob'])
    await second.destroy()
  })

  it('may be shared by examples with migrations of one name', async () => {
    const place = await ownPlace()
    const first = await open(place, { '0001': createPeople }, 'first')
    const second = await open(place, { '0001': addBob }, 'second')
    expect(await names(first)).toEqual(['Bob'])
    await Promise.all([first.destroy(), second.destroy()])
  })

  it('tells a duplicate from other errors', async () => {
    const database = await open(await ownPlace(), { '0001': createPeople })
    const add = (name: string | null) => sql`insert into people values (${name})`.execute(database)
    await add('Asha')
    const errorOf = (adding: Promise<unknown>) =>
      adding.then(
        () => 'added',
        (error) => error,
      )
    expect(isDuplicate(await errorOf(add('Asha')))).toBe(true)
    expect(isDuplicate(await errorOf(add(null)))).toBe(false)
    expect(isDuplicate('SQLITE_CONSTRAINT_UNIQUE')).toBe(false)
    await database.destroy()
  })

  it('is as it was after a migration that fails, and named', async () => {
    const place = await ownPlace()
    const failing = { up: () => Promise.reject(new Error('canary')) }
    const migrations = { '0001': createPeople, '0002': failing }
    const variable =
      place.name === 'SQLite' ? 'DATA_FOLDER: the SQLite file' : 'DATABASE_URL: PostgreSQL'
    await expect(open(place, migrations)).rejects.toThrow(new Error(`${variable} cannot be used.`))
    // It could not, had the table stayed.
    await (await open(place, { another: createPeople })).destroy()
  })

  it.each([
    ['new', false],
    ['older', true],
  ])('is migrated once by processes that start at once, when it is %s', async (_which, isThere) => {
    const place = await ownPlace()
    if (isThere) await (await open(place)).destroy()
    const migrated = await atOnce(3, place)
    expect(migrated).toEqual(Array(3).fill({ printed: '[{"number":1}]', error: '', code: 0 }))
  })
})

/** Starts so many processes, and lets all of them open the database when all of them are ready. */
async function atOnce(count: number, place: DatabasePlace) {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const where = place.name === 'SQLite' ? place.file : place.url
  const script = [
    '--import',
    'tsx',
    'examples/backends/testing/migrate-process.ts',
    place.name,
    where,
  ]
  const started = await Promise.all(
    Array.from({ length: count }, async () => {
      const child = spawn(process.execPath, script, { cwd: root })
      onTestFinished(() => {
        child.kill('SIGKILL')
      })
      const lines = createInterface({ input: child.stdout })
      let error = ''
      child.stderr.on('data', (text) => {
        error += text
      })
      await Promise.race([once(lines, 'line'), once(child, 'close')])
      const finish = async () => {
        const ended = once(child, 'close')
        const answered = once(lines, 'line')
        child.stdin.end('go\n')
        const [code] = await ended
        const [printed] = code === 0 ? await answered : [undefined]
        return { printed, error, code }
      }
      return finish
    }),
  )
  return Promise.all(started.map((finish) => finish()))
}

describe('a database in SQLite', () => {
  it('keeps to its foreign keys, and to one file', async () => {
    const place = await ownFile()
    const database = await open(place)
    const pragma = async (name: string) =>
      Object.values(Object((await sql.raw(`pragma ${name}`).execute(database)).rows[0]))
    expect(await pragma('foreign_keys')).toEqual([1])
    expect(await pragma('journal_mode')).toEqual(['wal'])
    await database.destroy()
  })

  it('may be in memory, for tests', async () => {
    const place = { name: 'SQLite', file: ':memory:' } as const
    const database = await open(place, { '0001': createPeople, '0002': addBob })
    expect(await names(database)).toEqual(['Bob'])
    await database.destroy()
  })

  it('is refused in words when its place is none', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'file')
    await writeFile(file, 'this is no database, and no folder')
    const refused = /^DATA_FOLDER: the SQLite file cannot be used( \([A-Z_]+\))?\.$/
    await expect(open({ name: 'SQLite', file })).rejects.toThrow(refused)
    await expect(open({ name: 'SQLite', file: join(file, 'db') })).rejects.toThrow(refused)
    await expect(open({ name: 'SQLite', file: folder })).rejects.toThrow(refused)
  })
})

describe('a database in PostgreSQL', () => {
  const refusal = (code: string) => new Error(`DATABASE_URL: PostgreSQL cannot be used (${code}).`)

  it('is refused in words that hold nothing of its address', async () => {
    const shared = await postgresUrl()
    const at = (url: string) => open({ name: 'PostgreSQL', url })
    const nobody = `postgres://canary:canary@127.0.0.1:${await freePort()}/canary`
    await expect(at(nobody)).rejects.toThrow(refusal('ECONNREFUSED'))
    await expect(at('postgres://canary@127.0.0.1:canary')).rejects.toThrow(
      refusal('ERR_INVALID_URL'),
    )
    const missing = Object.assign(new URL(shared), { pathname: '/canary' }).href
    await expect(at(missing)).rejects.toThrow(refusal('3D000'))
  })

  it('names a wrong password by its code', async () => {
    const rules = join(temporaryFolder(), 'pg_hba.conf')
    const lines = ['host all guarded 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 trust']
    await writeFile(rules, `${lines.join('\n')}\n`)
    // The server runs under another account.
    await chmod(join(rules, '..'), 0o755)
    const server = await startPostgres({ args: ['-c', `hba_file=${rules}`] })
    onTestFinished(server.stop)
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    await admin.query("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'right'")
    await admin.end()
    const as = (password: string) => {
      const url = Object.assign(new URL(server.url), { username: 'guarded', password }).href
      return open({ name: 'PostgreSQL', url })
    }
    await expect(as('canary')).rejects.toThrow(refusal('28P01'))
    await (await as('right')).destroy()
  })

  it('is there again after a lost connection, which is logged', async () => {
    const logged: unknown[] = []
    const place = await ownDatabase()
    const migrations = { '0001': createPeople }
    const database = await openDatabase<Tables>(place, 'example', migrations, (entry) =>
      logged.push(entry),
    )
    const admin = new pg.Client({ connectionString: await postgresUrl() })
    await admin.connect()
    const ending = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1'
    await admin.query(ending, [new URL(place.url).pathname.slice(1)])
    await admin.end()
    await eventually(async () => expect(logged).not.toEqual([]))
    expect(logged[0]).toMatchObject({ level: 'error', event: 'database_connection_failed' })
    expect(await eventually(() => names(database))).toEqual([])
    await database.destroy()
  })
})
