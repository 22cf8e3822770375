import type { Limit, OtpDatabase } from 'otpkit'
import { type Joining, joinedAsShipped } from './backend'
import type { Invariant } from './rules'

/** A rule of `joined`, or of the core, with the database that goes without it. */
export interface Joinings {
  readonly rule: string
  readonly breaks: Invariant
  readonly joining: Joining
}

const withoutPart = (change: (far: OtpDatabase) => Partial<OtpDatabase>): Joining => {
  return (far, world) => joinedAsShipped({ ...far, ...change(far) }, world)
}
const isLedger = ({ key }: Limit) => key.startsWith('f')
const isPlace = ({ key }: Limit) => key.startsWith('x')

/** What `joined` does around the steps of a store and a limiter; each is taken away in turn. */
export const rulesOfJoined: readonly Joinings[] = [
  {
    rule: 'a guess that goes on to the store has a place',
    breaks: 'strangers change no answer of the owner',
    joining: withoutPart((far) => ({
      take: (limits) =>
        far.take(limits.map((limit) => (isPlace(limit) ? { ...limit, max: 1e6 } : limit))),
    })),
  },
  {
    rule: 'a guess looks first whether anything is there',
    breaks: 'strangers change no answer of the owner',
    joining: withoutPart((far) => ({
      get: async (id) =>
        (await far.get(id)) ?? {
          id,
          digest: 'nothing',
          attempts: 1_000,
          attemptsLeft: 1,
          remainingMs: 1,
          data: '',
        },
    })),
  },
  {
    rule: 'a guess is compared where the ledger had room for it',
    breaks: 'the ledger bounds what is compared',
    joining: withoutPart((far) => ({
      take: async (limits) => {
        const taken = await far.take(limits)
        return {
          ...taken,
          used: taken.used.map((units, index) =>
            limits[index] && isLedger(limits[index]) ? 0 : units,
          ),
        }
      },
    })),
  },
  {
    rule: 'a guess that was not wrong gives its charge back',
    breaks: 'the ledger is the wrong guesses',
    joining: withoutPart(() => ({ refund: async () => {} })),
  },
  {
    rule: 'a success forgives the failures of its challenge',
    breaks: 'the ledger is the wrong guesses',
    joining: withoutPart(() => ({ clear: async () => {} })),
  },
  {
    rule: 'a used challenge is told from nothing',
    breaks: 'a code that has verified is used',
    joining: withoutPart((far) => ({
      get: async (id) => {
        const found = await far.get(id)
        return found?.used ? null : found
      },
    })),
  },
  {
    rule: 'a store decides an attempt in one step',
    breaks: 'one code verifies once',
    joining: (far, world) =>
      joinedAsShipped(
        {
          ...far,
          attempt: async (id, digests) => {
            const found = await far.get(id)
            await world.hop()
            if (found !== null && !found.used) await far.put({ ...found, ttlMs: found.remainingMs })
            return far.attempt(id, digests)
          },
        },
        world,
      ),
  },
]

const replacing =
  (change: (beginning: Parameters<OtpDatabase['begin']>[0]) => object): Joining =>
  (far) => ({
    ...far,
    begin: (beginning) =>
      far.begin(
        beginning.replaces === undefined
          ? beginning
          : { ...beginning, challenge: { ...beginning.challenge, ...change(beginning) } },
      ),
  })

/** What the core does so that nobody is told who has an account. */
export const rulesOfSecrecy: readonly Joinings[] = [
  {
    rule: 'a challenge that turns silent or loud takes over the attempts',
    breaks: 'nobody is told who has an account',
    joining: replacing(() => ({ attempts: 3 })),
  },
  {
    rule: 'a challenge that turns silent or loud takes over the life',
    breaks: 'nobody is told who has an account',
    joining: replacing(() => ({ ttlMs: 300_000 })),
  },
]
