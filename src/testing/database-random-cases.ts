import type { Policy, Submission } from '../database'
import type { Taken } from '../rate-limiter'
import { type Checks, expectSame } from './conformance'
import { type DatabaseModel, databaseModel } from './database-model'
import { newPerson, newSubmission } from './database-samples'
import { opaque, withSeed } from './random'
import type { DatabaseUnderTest } from './subjects'

const hour = 3_600_000

// Whoever charges a key hands in the longest window that anybody looks at it with.
const guesses: Policy = {
  limits: [
    { key: 0, max: 12, windowMs: 20_000 },
    { key: 0, max: 5, windowMs: 3_000 },
    { key: 1, max: 6, windowMs: 4_000 },
    { key: 2, max: 3, windowMs: 5_000, cost: 0, refuses: true, from: 3 },
    {
      key: 2,
      max: 4,
      windowMs: 9_000,
      cost: 0,
      refuses: true,
      plus: { key: 4, times: 1, windowMs: hour },
    },
  ],
  forgiveness: { key: 3, max: 4, windowMs: 9_000 },
}
const messages: Policy = {
  limits: [
    { key: 0, max: 12, windowMs: 20_000, cost: 0, refuses: true },
    { key: 1, max: 2, windowMs: 2_000 },
    { key: 1, max: 5, windowMs: 9_000, plus: { key: 3, times: 1, windowMs: hour } },
    { key: 1, max: 3, windowMs: 9_000, from: 4 },
    { key: 2, max: 4, windowMs: 5_000 },
    { key: 1, max: 9, windowMs: 9_000, cost: 1 },
  ],
}

/** Calls that nobody thought of, beside a model that makes them one after another. */
export function databaseRandomCases(seed: number): Checks<DatabaseUnderTest> {
  return {
    'a random course of calls is answered as the model answers it': async (subject) => {
      await withSeed(seed, async (below) => {
        const model = databaseModel()
        const [person, address] = [newPerson(), newPerson()]
        const ids = [person.challenge().id, person.challenge().id] as const
        const course: Course = {
          ...subject,
          model,
          below,
          person,
          address,
          ids,
          charges: [],
          submissions: [],
          digests: [opaque()],
        }
        for (let step = 0; step < 400; step += 1) await randomStep(course, `step ${step}`)
      })
    },
  }
}

interface Course extends DatabaseUnderTest {
  readonly model: DatabaseModel
  readonly person: ReturnType<typeof newPerson>
  readonly address: ReturnType<typeof newPerson>
  readonly ids: readonly [string, string]
  readonly charges: { readonly ours: string; readonly models: string }[]
  readonly submissions: Submission[]
  readonly digests: string[]
  below(bound: number): number
}

async function randomStep(course: Course, step: string): Promise<void> {
  const { database, advance, model, below, person, address, ids, digests } = course
  const id = ids[below(2)] ?? ids[0]
  const digest = model.get(id)?.digest ?? opaque()
  const earlier = digests[below(digests.length)] ?? digest
  const keys = ['f', 'm', 'o', 'g'].map(person.key)
  const action = below(26)
  if (action < 6) await randomBegin(course, id, step)
  else if (action < 14) await randomSettle(course, id, step)
  else if (action === 14) {
    const challenge = person.challenge({ id, attempts: 1 + below(4), ttlMs: 20_000 })
    digests.push(challenge.digest)
    model.put(challenge)
    await database.put(challenge)
  } else if (action < 17) {
    const guessed = [[digest], [opaque()], [earlier, opaque()], []][below(4)] ?? []
    const expected = model.attempt(id, guessed)
    expectSame(await database.attempt(id, guessed), expected, `an attempt in ${step}`)
  } else if (action === 17) {
    const some = below(2) === 0 ? digest : earlier
    model.delete(id, some)
    await database.delete(id, some)
  } else if (action < 20) {
    const limits = [
      { key: person.key('m'), max: 6, windowMs: 9_000, cost: 1 + below(2) },
      { key: person.key('g'), max: 100, windowMs: hour },
      { key: address.key('v'), max: 6, windowMs: 4_000, cost: below(2) },
    ].filter(() => below(3) > 0)
    const expected = model.take(limits)
    compareTaken(course, await database.take(limits), expected, `a take in ${step}`)
  } else if (action < 22) {
    const charge = course.charges[below(course.charges.length)]
    const some = [...keys, address.key('v'), address.key('s')].filter(() => below(3) > 0)
    if (charge === undefined) return
    model.refund(some, charge.models)
    await database.refund(some, charge.ours)
  } else if (action === 22) {
    const some = keys.filter(() => below(3) === 0)
    const newest = below(4) === 0 ? undefined : below(3)
    model.clear(some, newest)
    await database.clear(some, newest)
  } else {
    const pauseMs = [1, 137, 500, 999, 1_000, 2_600, 7_000, 30_000][below(8)] ?? 1
    model.advance(pauseMs)
    await advance(pauseMs)
  }
  await compareState(course, id, step)
}

async function randomBegin(course: Course, id: string, step: string): Promise<void> {
  const { database, model, below, person, address, digests } = course
  const challenge = person.challenge({
    id,
    attempts: 1 + below(4),
    ttlMs: [3_000, 10_000, 90_000][below(3)] ?? 1,
  })
  digests.push(challenge.digest)
  const replaces = below(3) === 0 ? undefined : (model.get(id)?.digest ?? opaque())
  const beginning = {
    policy: below(2) === 0 ? messages : { ...messages, mostUsed: below(5) },
    keys: [person.key('f'), person.key('m'), address.key('s'), person.key('g')],
    ...(below(2) === 0 ? {} : { costs: [1, 1 + below(2), 1 + below(3), 1] }),
    challenge,
    ...(replaces === undefined ? {} : { replaces: below(4) === 0 ? opaque() : replaces }),
  }
  const expected = model.begin(beginning)
  const begun = await database.begin(beginning)
  compareTaken(course, begun.taken, expected.taken, `a begin in ${step}`)
  const { standing, put } = begun
  const wanted = { standing: expected.standing, put: expected.put }
  expectSame({ standing, put }, wanted, `what a begin did in ${step}`)
}

async function randomSettle(course: Course, id: string, step: string): Promise<void> {
  const { database, model, below, person, address, digests, submissions } = course
  const again = below(4) === 0 ? submissions[below(submissions.length)] : undefined
  if (again !== undefined) {
    const before = model.get(again.id)
    const expected = model.settle(again)
    const settled = await database.settle(again)
    expectSame(settled.attempt, expected.attempt, `a call sent again in ${step}`)
    // What a call that is answered again has charged elsewhere is left open.
    const { used } = expected.taken
    expectSame(settled.taken.used[0], used[0], `failures seen again in ${step}`)
    if (before?.used !== true) expectSame(settled.taken, expected.taken, `a late call in ${step}`)
    return
  }
  const { digest } = model.get(id) ?? { digest: opaque() }
  const earlier = digests[below(digests.length)] ?? digest
  const choices = [[digest], [opaque(), digest], [earlier], [opaque()], [opaque()], []]
  // An address of its own where the call may be sent again.
  const isOwn = below(2) === 0
  const submission = newSubmission(person, person.challenge({ id }), {
    policy: below(3) > 0 ? guesses : { limits: guesses.limits },
    keys: [
      person.key('f'),
      isOwn ? newPerson().key('v') : address.key('v'),
      person.key('m'),
      person.key('o'),
      person.key('g'),
    ],
    digests: choices[below(choices.length)] ?? [],
    mostUsed: [3, 5, 7, 12][below(4)] ?? 1,
  })
  if (isOwn) submissions.unshift(submission)
  submissions.splice(5)
  const expected = model.settle(submission)
  const settled = await database.settle(submission)
  expectSame(settled.attempt, expected.attempt, `what a settle found in ${step}`)
  const { taken } = settled
  if (!taken.ok && !expected.taken.ok) {
    const { used, retryAfterMs } = expected.taken
    const wait = model.waits()[taken.index]
    expectSame(
      [taken.used, taken.retryAfterMs, wait],
      [used, retryAfterMs, retryAfterMs],
      `a settle refused in ${step}`,
    )
  } else expectSame(taken, expected.taken, `a settle in ${step}`)
}

function compareTaken(course: Course, taken: Taken, expected: Taken, what: string): void {
  if (taken.ok && expected.ok) {
    course.charges.push({ ours: taken.charge, models: expected.charge })
  }
  const { ok, used, retryAfterMs } = taken
  const wanted = { ok: expected.ok, used: expected.used, retryAfterMs: expected.retryAfterMs }
  expectSame({ ok, used, retryAfterMs }, wanted, what)
  // Two limits may have equally long waits, so of a refusal the index is compared by its wait.
  const wait = taken.ok ? retryAfterMs : course.model.waits()[taken.index]
  expectSame(wait, retryAfterMs, `${what}: the wait of the limit that refuses`)
}

async function compareState(course: Course, id: string, step: string): Promise<void> {
  const { database, model, person } = course
  expectSame(await database.get(id), model.get(id), `get after ${step}`)
  const looks = [
    { key: person.key('f'), max: 1, windowMs: 20_000, cost: 0 },
    { key: person.key('m'), max: 1, windowMs: 9_000, cost: 0 },
    { key: person.key('o'), max: 1, windowMs: 9_000, cost: 0 },
    { key: person.key('g'), max: 1, windowMs: hour, cost: 0 },
  ]
  const { used } = await database.take(looks)
  const units = looks.map(({ key, windowMs }) => model.units(key, windowMs))
  expectSame(used, units, `units after ${step}`)
}
