import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import Database from 'libsql'
import { sqlite } from 'otpkit/databases/sqlite'
import { describe, expect, it } from 'vitest'
import { openSqlite, openSqliteFile } from '../stores/sql-databases'
import { beginning, challenge, guess, looksAt } from './sql-samples'

describe('an SQLite file that is full', () => {
  it('compares no guess that it cannot charge', async () => {
    const { database: file, close } = await openSqliteFile()
    const database = sqlite(file)
    await database.put(challenge)
    file.exec('PRAGMA max_page_count = 24')
    let ledger = ''
    for (let count = 0; ; count += 1) {
      ledger = `ledger-${count}`.padEnd(64, 'x')
      const limit = { key: ledger, max: 9, windowMs: 3_600_000 }
      const failure = await database.take([limit]).then(() => null, String)
      if (failure !== null) break
      expect(count).toBeLessThan(1_000)
    }
    for (const digest of ['right', 'wrong']) {
      let compared = false
      const digests = Object.assign([digest], {
        *[Symbol.iterator]() {
          compared = true
          yield digest
        },
      })
      const submission = guess(digest, { keys: [ledger, 'address'], digests })
      await expect(database.settle(submission)).rejects.toMatchObject({ code: 'SQLITE_FULL' })
      expect(compared).toBe(false)
    }
    expect((await database.get('id'))?.attemptsLeft).toBe(3)
    expect((await database.take(looksAt(ledger, 'address'))).used).toEqual([0, 0])
    file.exec('PRAGMA max_page_count = 1000')
    const settled = await database.settle(guess('right', { keys: [ledger, 'address'] }))
    expect(settled.attempt?.outcome).toBe('verified')
    await close()
  })
})

describe('a process that dies', () => {
  it('in the middle of a begin or a settle on SQLite has left nothing', async () => {
    const opened = await openSqliteFile()
    const database = sqlite(opened.database)
    await database.put(challenge)
    const script = `
      import Database from 'libsql'
      import { sqlite } from './src/databases/sqlite.ts'
      const database = new Database(${JSON.stringify(opened.path)})
      const dying = sqlite({
        prepare: (sql) => database.prepare(sql),
        exec: (sql) => sql === 'COMMIT' ? process.kill(process.pid, 'SIGKILL') : database.exec(sql),
      })
      const [method, asked] = JSON.parse(process.argv[1])
      await dying[method](asked)`
    const successor = { ...challenge, digest: 'successor' }
    for (const call of [
      ['settle', guess('right')],
      ['settle', guess('wrong')],
      ['begin', beginning({ challenge: successor, replaces: 'right' })],
    ]) {
      const args = ['--import', 'tsx', '--input-type=module', '-e', script, JSON.stringify(call)]
      await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
        signal: 'SIGKILL',
      })
    }
    const looks = looksAt('ledger', 'address', 'messages')
    expect((await database.take(looks)).used).toEqual([0, 0, 0])
    expect(await database.get('id')).toMatchObject({ digest: 'right', attemptsLeft: 3 })
    await opened.close()
  })
})

describe('an SQLite database without tables', () => {
  it('says what is missing', async () => {
    const file = new Database(':memory:')
    const database = sqlite(file)
    const calls = [
      () => database.begin(beginning()),
      () => database.settle(guess('right')),
      () => database.take(looksAt('ledger')),
      () => database.put(challenge),
      () => database.get('id'),
    ]
    for (const call of calls) await expect(call()).rejects.toThrow(/run migrate/)
    file.close()
  })
})

describe('an SQLite client that answers otherwise', () => {
  type Answer = (row: unknown) => unknown
  const promised: Answer = (row) => Promise.resolve(row)
  const listed: Answer = (row) => (row === undefined ? row : Object.values(Object(row)))
  const named: Answer = (row) => row && { table: row }
  const asText: Answer = (row) =>
    row && Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]))
  const asBytes: Answer = (row) =>
    row && Object.fromEntries(Object.entries(row).map(([name]) => [name, new Uint8Array()]))

  it.each([
    ['promises', promised, /has no/],
    ['rows as arrays', listed, /rows that are not objects/],
    ['rows by table', named, /has no/],
    ['bytes', asBytes, /is not/],
  ])('with %s is a fault, and nothing is charged or compared', async (_, answer, fault) => {
    const opened = await openSqlite()
    const sound = sqlite(opened.database)
    await sound.put(challenge)
    await sound.take(looksAt('ledger', 'address').map((limit) => ({ ...limit, cost: 1 })))
    let isOdd = false
    const client: Parameters<typeof sqlite>[0] = {
      exec: (sql) => opened.database.exec(sql),
      prepare: (sql) => {
        const statement = opened.database.prepare(sql)
        return {
          get: (...values) => {
            const row = statement.get(...values)
            return isOdd ? answer(row) : row
          },
          run: (...values) => statement.run(...values),
        }
      },
    }
    const odd = sqlite(client)
    isOdd = true
    expect(() => sqlite(client)).toThrow(
      /^otpkit: sqlite: option `database` does not answer at once with rows: give an open database/,
    )
    const calls = [
      () => odd.settle(guess('right')),
      () => odd.settle(guess('wrong')),
      () => odd.begin(beginning()),
      () => odd.attempt('id', ['right']),
      () => odd.get('id'),
    ]
    for (const call of calls) await expect(call()).rejects.toThrow(fault)
    expect(await sound.get('id')).toMatchObject({ attemptsLeft: 3 })
    expect((await sound.take(looksAt('ledger', 'address'))).used).toEqual([1, 1])
    await opened.close()
  })

  it('with numbers as text is right', async () => {
    const opened = await openSqlite()
    const odd = sqlite({
      exec: (sql) => opened.database.exec(sql),
      prepare: (sql) => {
        const statement = opened.database.prepare(sql)
        return {
          get: (...values) => asText(statement.get(...values)),
          run: (...values) => statement.run(...values),
        }
      },
    })
    await odd.begin(beginning())
    expect((await odd.settle(guess('wrong'))).taken).toEqual({ ok: true, used: [1, 2] })
    expect((await odd.settle(guess('right'))).attempt).toMatchObject({ attemptsUsed: 2 })
    await opened.close()
  })

  it('that is asynchronous is refused', () => {
    const asynchronous = { exec: () => Promise.resolve(), prepare: async () => ({}) }
    expect(() => Reflect.apply(sqlite, undefined, [asynchronous])).toThrow(/synchronous/)
  })
})
