import type { OtpEvent, OtpManager } from 'otpkit'

/** One challenge, or a message that nobody took, without the code and the full number. */
export interface LoggedChallenge {
  readonly recipient: string
  /** `unconfirmed`: the provider may have taken the message. */
  readonly state:
    | 'sent'
    | 'unconfirmed'
    | 'verified'
    | 'used up'
    | 'expired'
    | 'replaced'
    | 'failed'
  /** Epoch milliseconds. */
  readonly startedAt: number
  /** Epoch milliseconds; 0 where no code went out. */
  readonly expiresAt: number
  readonly messages: number
  readonly attempts: number
  /** Why the message failed: the library's word, and the provider's code. */
  readonly failure?: string
}

export interface ChallengeLog {
  newestFirst(): readonly LoggedChallenge[]
  /** How often each thing happened. */
  counts(): ReadonlyMap<OtpEvent['type'], number>
}

export interface ChallengeLogOptions {
  readonly lifetimeMs: number
  readonly attempts: number
  readonly now: () => number
  /** How many are kept. */
  readonly most?: number
}

type Entry = { -readonly [key in keyof LoggedChallenge]: LoggedChallenge[key] } & {
  readonly challengeKey?: string
}

/** Keeps in memory what the library tells of its challenges. */
export function challengeLog(
  otp: Pick<OtpManager<string, string>, 'subscribe'>,
  { lifetimeMs, attempts, now, most = 500 }: ChallengeLogOptions,
): ChallengeLog {
  const entries: Entry[] = []
  // By the name that events have for a challenge, the same for every challenge of a recipient.
  const newest = new Map<string, Entry>()
  const counts = new Map<OtpEvent['type'], number>()

  const waits = ({ state }: LoggedChallenge) => state === 'sent' || state === 'unconfirmed'
  const isOver = ({ expiresAt }: LoggedChallenge) => now() >= expiresAt
  /** Whether its code is what the next message will hold. */
  const isBegun = (entry: LoggedChallenge) =>
    entry.state === 'failed' ? now() < entry.startedAt + lifetimeMs : waits(entry) && !isOver(entry)

  function add(entry: Entry): void {
    entries.push(entry)
    const forgotten = entries.length > most ? entries.shift() : undefined
    const { challengeKey = '' } = forgotten ?? {}
    if (newest.get(challengeKey) === forgotten) newest.delete(challengeKey)
  }

  function noteSent(event: OtpEvent & { readonly type: 'sent' }): void {
    const { challengeKey = '', recipient = '', delivery, resend } = event
    const state = delivery === 'unknown' ? 'unconfirmed' : 'sent'
    const earlier = newest.get(challengeKey)
    if (earlier !== undefined && waits(earlier) && isBegun(earlier)) {
      if (resend) {
        earlier.state = state
        earlier.messages += 1
        return
      }
      earlier.state = 'replaced'
    }
    const startedAt = now()
    // The code of a message that nobody took is sent again, and is good for what is left of its time.
    const begunAt = resend && earlier?.state === 'failed' ? earlier.startedAt : startedAt
    const entry: Entry = {
      recipient,
      state,
      startedAt,
      expiresAt: begunAt + lifetimeMs,
      messages: 1,
      attempts: 0,
      challengeKey,
    }
    newest.set(challengeKey, entry)
    add(entry)
  }

  function noteFailed(event: OtpEvent & { readonly type: 'delivery_failed' }): void {
    const { challengeKey = '', recipient = '', kind, providerCode, sent } = event
    // What may have arrived all the same is told of as sent.
    if (sent === 'unknown') return
    const failure = providerCode === undefined ? kind : `${kind} (${providerCode})`
    const startedAt = now()
    const nothing = { expiresAt: 0, messages: 0, attempts: 0 }
    const entry: Entry = {
      recipient,
      state: 'failed',
      startedAt,
      ...nothing,
      failure,
      challengeKey,
    }
    const earlier = newest.get(challengeKey)
    if (earlier === undefined || !isBegun(earlier)) newest.set(challengeKey, entry)
    add(entry)
  }

  otp.subscribe((event) => {
    counts.set(event.type, (counts.get(event.type) ?? 0) + 1)
    if (event.type === 'sent') return noteSent(event)
    if (event.type === 'delivery_failed') return noteFailed(event)
    const entry = newest.get(event.challengeKey ?? '')
    if (entry === undefined || entry.state === 'failed') return
    if (event.type === 'verified') {
      entry.attempts = event.attemptsUsed
      entry.state = 'verified'
    }
    if (event.type === 'incorrect') {
      entry.attempts = attempts - event.attemptsLeft
      if (event.attemptsLeft === 0) entry.state = 'used up'
    }
  })

  return {
    newestFirst: () =>
      entries.toReversed().map(({ challengeKey: _, ...entry }) => {
        return waits(entry) && isOver(entry) ? { ...entry, state: 'expired' } : entry
      }),
    counts: () => counts,
  }
}
