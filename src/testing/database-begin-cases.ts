import type { Beginning, Policy } from '../database'
import type { StoredChallenge } from '../store'
import { type Checks, expectSame } from './conformance'
import { fill, messaging, newAddress, newBeginning, newPerson, unitsOf } from './database-samples'
import { opaque } from './random'
import { stored, storedAsUsed, verified } from './store-samples'
import type { DatabaseUnderTest } from './subjects'

type State = 'nothing' | 'alive' | 'exhausted' | 'used' | 'expired'

interface Row {
  /** What is under the id before. */
  readonly state: State
  readonly replaces?: 'its digest' | 'another'
  readonly ledger?: number
  readonly mostUsed?: number
  readonly put: boolean
  readonly standing?: true
}

/** When a challenge is put, and when another one is answered instead. */
const rows: readonly Row[] = [
  { state: 'nothing', put: true },
  { state: 'nothing', replaces: 'another', put: true },
  { state: 'alive', put: false, standing: true },
  { state: 'alive', replaces: 'another', put: false, standing: true },
  { state: 'alive', replaces: 'its digest', put: true },
  { state: 'exhausted', put: true },
  { state: 'exhausted', replaces: 'another', put: true },
  { state: 'used', put: true },
  { state: 'used', replaces: 'another', put: true },
  { state: 'expired', put: true },
  { state: 'nothing', ledger: 5, mostUsed: 5, put: true },
  { state: 'nothing', ledger: 6, mostUsed: 5, put: false },
  { state: 'nothing', ledger: 0, mostUsed: 0, put: true },
  { state: 'nothing', ledger: 1, mostUsed: 0, put: false },
  { state: 'nothing', ledger: 99, put: true },
  { state: 'alive', ledger: 6, mostUsed: 5, put: false, standing: true },
  { state: 'alive', ledger: 5, mostUsed: 5, put: false, standing: true },
  { state: 'alive', replaces: 'its digest', ledger: 5, mostUsed: 5, put: true },
  { state: 'alive', replaces: 'its digest', ledger: 6, mostUsed: 5, put: false },
  { state: 'exhausted', ledger: 6, mostUsed: 5, put: false },
  { state: 'used', ledger: 6, mostUsed: 5, put: false },
]

/** Messages that are charged to a budget too, and each of them once. */
const gated: Policy = {
  limits: [
    ...messaging.limits,
    { key: 3, max: 100, windowMs: 60_000 },
    { key: 4, max: 1, windowMs: 120_000 },
  ],
  gate: 4,
}

/** What a new challenge meets, one after another. */
export const databaseBeginCases: Checks<DatabaseUnderTest> = {
  ...Object.fromEntries(
    rows.map((row) => [nameOf(row), (subject: DatabaseUnderTest) => beginRow(subject, row)]),
  ),

  'a begin that is refused charges nothing, puts nothing and answers nothing else': async ({
    database,
  }) => {
    for (const stands of [true, false]) {
      const person = newPerson()
      const old = person.challenge()
      if (stands) await database.put(old)
      const beginning = newBeginning(person, person.challenge({ id: old.id }), {
        replaces: old.digest,
      })
      const [ledger = '', messages = '', address = ''] = beginning.keys
      await fill(database, messages, 3)
      await fill(database, address, 2)
      expectSame(
        await database.begin(beginning),
        {
          taken: { ok: false, index: 1, retryAfterMs: 3_600_000, used: [0, 3, 2] },
          standing: null,
          put: false,
        },
        'a begin without room',
      )
      const units = await unitsOf(database, ledger, messages, address)
      expectSame(units, [0, 3, 2], 'units afterwards')
      expectSame(await database.get(old.id), stands ? stored(old) : null, 'get afterwards')
    }
  },

  'a begin that its gate refuses charges nothing, and says what was used': async ({ database }) => {
    const person = newPerson()
    const old = person.challenge()
    await database.put(old)
    const keys = [person.key('f'), person.key('m'), newAddress(), newAddress(), newAddress()]
    for (const [place, times] of [0, 1, 2, 0, 1].entries()) {
      await fill(database, keys[place] ?? '', times)
    }
    expectSame(
      await database.begin({
        policy: gated,
        keys,
        costs: [1, 1, 1, 7, 1],
        challenge: person.challenge({ id: old.id }),
        replaces: old.digest,
      }),
      {
        taken: { ok: false, index: 4, retryAfterMs: 120_000, used: [0, 1, 2, 0, 1] },
        standing: null,
        put: false,
      },
      'a begin whose gate is full',
    )
    expectSame(await unitsOf(database, ...keys), [0, 1, 2, 0, 1], 'units afterwards')
    expectSame(await database.get(old.id), stored(old), 'get afterwards')
  },

  'a begun challenge is an ordinary one': async ({ database, advance }) => {
    const person = newPerson()
    const challenge = person.challenge({ ttlMs: 10_000 })
    await database.begin(newBeginning(person, challenge))
    await advance(4_000)
    expectSame(await database.get(challenge.id), stored(challenge, 3, 6_000), 'get')
    expectSame(
      await database.attempt(challenge.id, [challenge.digest]),
      verified(challenge, 1, 6_000),
      'its code',
    )
  },

  'a challenge that was begun is charged by a name that refund knows': async ({ database }) => {
    const person = newPerson()
    const beginning = newBeginning(person, person.challenge())
    const [ledger = '', messages = '', address = ''] = beginning.keys
    const { taken } = await database.begin(beginning)
    const late = await database.begin({ ...beginning, challenge: person.challenge() })
    expectSame(taken.ok && late.taken.ok && taken.charge !== late.taken.charge, true, 'two names')
    if (!taken.ok) return
    await database.refund([messages], taken.charge)
    expectSame(await unitsOf(database, messages, address), [1, 2], 'units after one refund')
    await database.refund([messages, address, ledger], taken.charge)
    expectSame(await unitsOf(database, messages, address), [1, 1], 'units after both')
  },
}

function nameOf({ state, replaces, ledger, mostUsed, put, standing }: Row): string {
  const what = put ? 'puts' : standing ? 'yields' : 'does not put'
  const over = state === 'nothing' ? 'where nothing is' : `over one that is ${state}`
  const replacing = replaces === undefined ? '' : `, replacing ${replaces}`
  const used = ledger === undefined ? '' : `, ledger ${ledger} of ${mostUsed ?? 'any'}`
  return `a begin ${what} ${over}${replacing}${used}`
}

async function beginRow({ database, advance }: DatabaseUnderTest, row: Row): Promise<void> {
  const person = newPerson()
  const old = person.challenge({ ttlMs: 30_000 })
  const { id, digest } = old
  let found: StoredChallenge | null = null
  if (row.state !== 'nothing') await database.put(old)
  if (row.state === 'alive') {
    await database.attempt(id, [opaque()])
    found = stored(old, 2)
  }
  if (row.state === 'exhausted') {
    for (const _ of [1, 2, 3]) await database.attempt(id, [])
    found = stored(old, 0)
  }
  if (row.state === 'used') {
    await database.attempt(id, [digest])
    found = storedAsUsed(old)
  }
  if (row.state === 'expired') await advance(30_000)
  await fill(database, person.key('f'), row.ledger ?? 0)

  const challenge = person.challenge({ id, attempts: 7 })
  const { replaces, mostUsed, ledger = 0 } = row
  const beginning: Beginning = newBeginning(person, challenge, {
    policy: mostUsed === undefined ? messaging : { ...messaging, mostUsed },
    ...(replaces === undefined ? {} : { replaces: replaces === 'another' ? opaque() : digest }),
  })
  const begun = await database.begin(beginning)
  const { taken } = begun
  const charge = taken.ok ? taken.charge : ''
  expectSame(
    begun,
    {
      taken: { ok: true, charge, used: [ledger, 1, 1], retryAfterMs: 0 },
      standing: row.standing ? found : null,
      put: row.put,
    },
    'what it came to',
  )
  const units = await unitsOf(database, ...beginning.keys)
  expectSame(units, [ledger, 1, 1], 'units afterwards')
  expectSame(await database.get(id), row.put ? stored(challenge) : found, 'get afterwards')
}
