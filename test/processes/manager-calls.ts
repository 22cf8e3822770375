import { AsyncLocalStorage } from 'node:async_hooks'
import type { OtpEvent, SendResult, VerifyResult } from 'otpkit'
import type { Policy } from '../../src/database'
import { OtpManager } from '../../src/otp-manager'
import type { ManagerCall, Moment, SharedCode, Subject } from './history'
import { cooldownMs } from './manager-model'
import { type Below, inLanes, timed } from './timed'

/** How processes tell each other of codes. */
interface Codes {
  share(shared: SharedCode): Promise<unknown>
  /** @returns what ends it */
  listen(listener: (shared: SharedCode) => void): () => void
}

interface Settings {
  readonly process: number
  readonly requests: number
  readonly below: Below
}

type Verified = (ManagerCall & { readonly method: 'verify' }) & Moment

// All processes walk over the same recipients at the same pace, so they meet.
const recipientsAtOnce = 3
const requestsAbout = 50
/** The process whose connections are cut. It only guesses: a guess is one step. */
export const cutProcess = 0
// Half of them come after the last cut, so that no connection is lost by what follows the requests.
const requestsUncut = 60

/**
 * Sends and guesses of one process. Each code that any process got is known to all of them at once,
 * and two of three are at once submitted by all.
 */
export async function hammerManager(
  { database, cut }: Subject,
  codes: Codes,
  { process, requests, below }: Settings,
): Promise<readonly (ManagerCall & Moment)[]> {
  const events = new AsyncLocalStorage<OtpEvent[]>()
  const otp = createManager(database)
  otp.subscribe((event) => {
    events.getStore()?.push(event)
  })
  const known = new Map<string, SharedCode[]>()
  const bursts: Promise<Verified>[] = []

  const send = async (about: string): Promise<(ManagerCall & Moment)[]> => {
    const purpose = below(2) === 0 ? 'login' : 'signup'
    const request = { to: about, channel: 'sms', purpose, ip: address(below) } as const
    const { outcome: sent, ...moment } = await timed(() => otp.send(request))
    const of = { about, process, ...moment }
    const message = {
      method: 'message',
      ...of,
      ...(sent && { outcome: nameOfSend(sent) }),
    } as const
    if (!sent?.ok) return [message]
    const { challengeId: handle, code = '' } = sent
    await codes.share({ about, purpose, handle, code })
    const challenge = challengeOf(purpose, handle)
    return [message, { method: 'code', challenge, outcome: code, ...of }]
  }

  const verify = async (
    about: string,
    challenge: string,
    code: string,
    target: { readonly purpose: 'login' | 'signup' | 'reset'; readonly challengeId?: string },
  ): Promise<Verified> => {
    const { purpose, challengeId } = target
    const request = { purpose, code, ip: address(below) }
    const { outcome, ...moment } = await timed(() =>
      events.run([], async () => {
        const whom = challengeId === undefined ? { to: about } : { challengeId }
        const result = await otp.verify({ ...request, ...whom })
        return nameOfVerify(result, events.getStore() ?? [])
      }),
    )
    const of = { about, process, ...moment }
    return { method: 'verify', challenge, code, ...of, ...(outcome !== undefined && { outcome }) }
  }

  const guess = ({ about, purpose, handle, code }: SharedCode, isRight: boolean) => {
    const typed = isRight ? code : wrong(code)
    const byHandle = purpose === 'signup' || below(2) === 0
    const target = { purpose, ...(byHandle && { challengeId: handle }) }
    return verify(about, challengeOf(purpose, handle), typed, target)
  }

  const stopListening = codes.listen((shared) => {
    known.set(shared.about, [...(known.get(shared.about) ?? []), shared])
    if (Number(shared.code) % 3 === 0) return
    for (let count = below(4); count > 0; count -= 1) bursts.push(guess(shared, below(3) > 0))
  })

  const requested = await inLanes(requests, async (index) => {
    if (process === cutProcess && index % requestsUncut === requestsUncut / 2) await cut?.()
    const block = Math.floor(index / requestsAbout) * recipientsAtOnce
    const about = `+9198765${String(block + below(recipientsAtOnce)).padStart(5, '0')}`
    const dice = below(20)
    if (dice < 4 && process !== cutProcess) return send(about)
    if (dice < 10) return [await verify(about, 'nothing', '123456', { purpose: 'reset' })]
    const sent = known.get(about) ?? []
    const chosen = sent[below(sent.length)]
    if (chosen !== undefined) return [await guess(chosen, below(4) === 0)]
    return [await verify(about, 'login', '123456', { purpose: 'login' })]
  })
  stopListening()
  return [...requested.flat(), ...(await Promise.all(bursts))]
}

function createManager(database: Subject['database']) {
  return new OtpManager({
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    database: withShortCooldown(database),
    deliveries: {
      sms: {
        name: 'nobody',
        reaches: ['phone'],
        deliver: async () => ({ provider: 'nobody' }),
      },
    },
    countries: 'any',
    // A challenge of `signup` is known by its handle alone; nobody sends for `reset`.
    purposes: { login: {}, signup: { bind: 'challenge' }, reset: {} },
    limits: { cooldown: shortestMs },
    exposeCode: true,
  })
}

/** The shortest cooldown that a manager takes would let few messages into a run. */
const shortestMs = 1_000

function withShortCooldown(database: Subject['database']): Subject['database'] {
  const shortened = new Map<Policy, Policy>()
  const shorten = (policy: Policy): Policy => {
    const [first, ...rest] = policy.limits
    const limits = rest.map((limit) =>
      limit.windowMs === shortestMs ? { ...limit, windowMs: cooldownMs } : limit,
    )
    const short = shortened.get(policy) ?? { ...policy, limits: [first, ...limits] }
    shortened.set(policy, short)
    return short
  }
  return {
    ...database,
    begin: (beginning) => database.begin({ ...beginning, policy: shorten(beginning.policy) }),
  }
}

/** The name in the history of what a handle stands for. */
function challengeOf(purpose: 'login' | 'signup', handle: string): string {
  return purpose === 'login' ? 'login' : handle
}

// So many that none is ever refused.
function address(below: Below): string {
  return `10.${below(256)}.${below(256)}.${below(256)}`
}

// Always the same one, so that guesses are alike and the checker need not tell them apart.
function wrong(code: string): string {
  return String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0')
}

function nameOfSend(result: SendResult): string {
  if (result.ok) return 'accepted'
  return result.reason === 'rate_limited' ? result.limit : result.reason
}

function nameOfVerify(result: VerifyResult, events: readonly OtpEvent[]): string {
  const [event] = events
  if (result.ok && event?.type === 'verified') return `verified ${event.attemptsUsed}`
  if (result.ok || event?.type === 'verified') return 'a success and its event disagree'
  if (result.reason !== 'incorrect') return result.reason
  const failures = event?.type === 'incorrect' ? event.failures : 'untold'
  return `incorrect ${result.attemptsLeft} ${failures}`
}
