import type { VerifyResult } from 'otpkit'
import { phone, wrong } from '../fixture'
import { type Backend, createBackend, receive, type Scenery } from './backend'
import type { Comparison } from './challenges'
import { holds } from './rules'

const forgivable = 10
const short = 5
const full = 100
const perMinute = 5
const attempts = 3

interface Guess {
  readonly by: 'owner' | 'stranger'
  readonly at: 'login' | 'signup' | 'nothing'
  readonly code: string
  readonly ip: string
  readonly challengeId?: string
}

interface Heard {
  readonly guess: Guess
  /** Nothing where the answer was a fault. */
  readonly result: VerifyResult | null
}

type Code = Awaited<ReturnType<typeof receive>>

/**
 * Owner and strangers guess at one moment: at a code bound to the recipient, at one bound to its
 * challenge, and at nothing; with the handle and without; from addresses of their own, and from one
 * that has guessed too often.
 */
export async function guessing(scenery: Scenery): Promise<void> {
  const backend = await createBackend(scenery)
  const { below, model, ledger, run, otp } = backend
  const { joining, isApart = false, cuts, again } = scenery
  const isPair = joining !== undefined
  // A pair shows charges in flight for a moment: those of one challenge leave room for the owner.
  const before = isApart ? 0 : ([0, 0, 3, 4, 98, 99][below(6)] ?? 0)
  const forgiven = below(2) === 0 ? 0 : forgivable - below(3)
  model.fill(ledger, before)
  model.fill(ledger.replace('f', 'o'), forgiven)
  const login = await receive(backend, 'login')
  model.advance(30_000)
  const signup = before > short ? undefined : await receive(backend, 'signup')
  model.advance(30_000)
  const busy = '10.9.9.9'
  model.fill(await backend.addressKey(busy), perMinute)

  backend.disturb()
  const heard = await run(
    draw(backend, login, signup, busy, isApart).map((guess) => async (): Promise<Heard> => {
      const { at, code, ip, challengeId } = guess
      const target = challengeId === undefined ? { to: phone } : { challengeId }
      const result = await otp.verify({ ...target, purpose: at, code, ip }).catch(() => null)
      return { guess, result }
    }),
  )

  const { comparisons } = model.challenges
  const bound = login.code.length > 6 ? full : short
  const loginId = await backend.idOf(login.challengeId)
  const failures = account(comparisons, { before, forgiven, bound, loginId })
  const units = model.units(ledger)
  const seen = `${units} for ${failures.now}, of ${failures.most}`
  if (cuts === undefined && !isPair) {
    holds(units === failures.now, 'the ledger is the wrong guesses', seen)
  } else {
    // A cut leaves a charge of a pair standing: at most one for each place of both challenges.
    const inFlight = isPair ? 2 * attempts : 0
    holds(units >= failures.now, 'the ledger is the wrong guesses', seen)
    holds(units <= failures.most + inFlight, 'what was not heard is not charged', seen)
  }
  if (cuts !== undefined) return

  const atLogin = comparisons.filter(({ challenge }) => challenge.id === loginId)
  expectTold(heard, comparisons)
  if (!isPair || isApart) expectOwnerHeard(heard, failures.most >= bound, atLogin)
  await expectTraces(backend, heard, busy, again !== undefined)

  await run([() => otp.unlock(phone)])
  const guess = { to: phone, purpose: 'login', code: login.code, ip: '10.8.8.8' } as const
  const [last] = await run([() => otp.verify(guess)])
  const isOver = atLogin.length >= attempts || atLogin.some(({ matched }) => matched)
  const isSame = last?.ok === true || isOver
  holds(isSame, 'nothing but a guess uses an attempt up', JSON.stringify(last))
}

function draw(
  { below }: Backend,
  login: Code,
  signup: Code | undefined,
  busy: string,
  isApart: boolean,
): readonly Guess[] {
  const own = Array.from({ length: 1 + below(3) }, (_, index): Guess => {
    const byHandle = below(2) === 0 ? { challengeId: login.challengeId } : {}
    return { by: 'owner', at: 'login', code: login.code, ip: `10.0.0.${index}`, ...byHandle }
  })
  const others = Array.from({ length: 4 + below(12) }, (_, index): Guess => {
    const guess = { by: 'stranger', ip: below(6) === 0 ? busy : `10.1.0.${index}` } as const
    const kind = below(5)
    if (kind === 0 && !isApart) return { ...guess, at: 'login', code: wrong(login.code, index + 1) }
    if (kind > 2 || signup === undefined) return { ...guess, at: 'nothing', code: '000000' }
    const { code, challengeId } = signup
    // Of a code that they had sent themselves they know what is right.
    return { ...guess, at: 'signup', code: wrong(code, kind === 1 ? 0 : index + 1), challengeId }
  })
  return [...own, ...others]
}

/** Goes through what was compared, one after another, as the rules would have it. */
function account(
  comparisons: readonly Comparison[],
  start: {
    readonly before: number
    readonly forgiven: number
    readonly bound: number
    readonly loginId: string
  },
) {
  const counts = new Map<string, number>()
  let { forgiven, before: now } = start
  let most = now
  for (const { challenge, matched, isLate } of comparisons) {
    const { id } = challenge
    const compared = (counts.get(id) ?? 0) + 1
    counts.set(id, compared)
    const many = `${compared} compared`
    holds(compared <= attempts, 'no more are compared than there are attempts', many)
    if (isLate) continue
    const room = `compared at ${now} failures`
    holds(now < start.bound, 'the ledger bounds what is compared', room)
    if (!matched) {
      now += 1
      most = Math.max(most, now)
      continue
    }
    const failed = compared - 1
    if (id !== start.loginId) now -= failed
    else if (forgiven + failed <= forgivable) {
      now -= failed
      forgiven += failed
    }
  }
  return { now, most }
}

/** Whoever was compared and right was told so, once for each code. */
function expectTold(heard: readonly Heard[], comparisons: readonly Comparison[]): void {
  const right = comparisons.filter(({ matched, isLate }) => matched && !isLate)
  const codes = new Set(right.map(({ challenge }) => challenge.id))
  holds(right.length === codes.size, 'one code verifies once', `${right.length} successes`)
  const told = heard.filter(({ result }) => result?.ok).length
  holds(told === right.length, 'whoever verified is told so', `${told} of ${right.length} told`)
}

/** The owner's right code is refused for what was guessed at it alone, or a ledger that is full. */
function expectOwnerHeard(
  heard: readonly Heard[],
  isFull: boolean,
  atLogin: readonly Comparison[],
): void {
  const own = heard.filter(({ guess }) => guess.by === 'owner')
  const answers = own.map(({ result }) => (result?.ok ? 'verified' : String(result?.reason)))
  const seen = answers.join()
  holds(!answers.includes('incorrect'), 'strangers change no answer of the owner', seen)
  if (isFull || answers.includes('verified')) return
  const isGuessedAway = atLogin.length >= attempts
  holds(isGuessedAway, 'strangers change no answer of the owner', seen)
}

/** An address is charged for what was decided, and for nothing that was refused. */
async function expectTraces(
  { addressKey, model }: Backend,
  heard: readonly Heard[],
  busy: string,
  isSentAgain: boolean,
): Promise<void> {
  for (const { guess, result } of heard) {
    const units = model.units(await addressKey(guess.ip))
    const isRefused = !result?.ok && /rate_limited|locked/.test(String(result?.reason))
    const expected = guess.ip === busy ? perMinute : isRefused ? 0 : 1
    const seen = `${units} units at ${guess.ip}`
    if (isRefused && guess.ip !== busy && isSentAgain) continue
    if (expected !== 1) holds(units === expected, 'a refusal leaves no trace', seen)
    else {
      const isOne = units === 1 || (isSentAgain && units === 2)
      holds(isOne, 'a guess costs its address one', seen)
    }
  }
}
