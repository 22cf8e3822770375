import { maskRecipient } from '../input/recipient'
import type { Explained, Invalid, LimitState } from '../results'
import { countedAs } from './challenge'
import { renewalWaitMs } from './choose-challenge'
import { type Core, challengeKeyOf, fingerprintOf } from './context'
import { lookWatched } from './explain-watched'
import { findChallenge } from './find-challenge'
import { ownLabels } from './labels'
import { requiredLength } from './limits'
import { type Charge, noBound } from './logs'
import { chargeFacts } from './message'
import { costOf } from './message-cost'
import { judgedFacts } from './watch'

/** What explaining a recipient came to. */
export type ExplainResult = Explained | Invalid

/**
 * What would stand in the way of this person's next message and next guess. Everything is looked at
 * with a cost of 0: nothing is charged, nothing is put and no event is told.
 */
export async function explain(core: Core, input: unknown): Promise<ExplainResult> {
  const parsed = core.requests.send(input)
  if (!parsed.ok) return parsed
  const { purpose, recipient, routes, ip } = parsed.value
  const { keys } = core.settings
  const labels = ownLabels(core.settings, purpose.name, recipient)
  const { label, id, fixedCode } = labels
  // Under the other binding ids are random, and nothing ever stands under this one.
  const found = await findChallenge(core, id)

  const cost = costOf(core.settings, labels, parsed.value)
  const facts = { ...chargeFacts(labels, recipient, ip), cost }
  const renewalMs = found === null ? 0 : renewalWaitMs(purpose, found.challenge)
  const message =
    found === null || renewalMs === 0
      ? purpose.charges.send(keys, facts)
      : purpose.charges.resend(keys, {
          ...facts,
          countedAs: countedAs(found.opened.state, found.challenge.digest),
        })
  const { judged } = judgedFacts(core, { recipient, ip, trust: 'none' })
  const [sending, watched, guessing] = await Promise.all([
    look(core, message),
    lookWatched(core, message, judged),
    look(core, purpose.charges.verify(keys, facts)),
  ])
  return {
    ok: true,
    recipient: maskRecipient(recipient),
    fingerprint: fingerprintOf(core.settings, label),
    ...(recipient.country !== undefined && { country: recipient.country }),
    routes: routes.map(({ channel, delivery }) => ({ channel, provider: delivery.name })),
    failures: sending.failures,
    lockedForMs: sending.lockedForMs,
    codeLength: fixedCode?.length ?? requiredLength(purpose.codeLength, sending.failures),
    ...(fixedCode !== undefined && { test: true }),
    // Once the messages of a challenge are used up, the next `send` waits for a new one.
    send: [
      ...sending.limits.map((state) =>
        state.limit === 'challenge' && state.retryAfterMs > renewalMs
          ? { ...state, retryAfterMs: renewalMs }
          : state,
      ),
      ...watched,
    ],
    verify: guessing.limits,
    challenge:
      found === null
        ? null
        : {
            challengeKey: challengeKeyOf(core.settings, id),
            channel: found.opened.state.channel,
            codeLength: found.opened.state.codeLength,
            withheld: found.opened.state.silent,
            expiresInMs: found.challenge.remainingMs,
            attemptsLeft: found.challenge.attemptsLeft,
          },
  }
}

/** What the limits of one request say, each looked at on its own. */
async function look({ database }: Core, { policy, names, keys }: Charge) {
  const asked = policy.limits.map(({ key, max, windowMs, from = 0 }, index) => ({
    name: names[index],
    from,
    limit: { key: keys[key] ?? '', max, windowMs, cost: 0 },
  }))
  const looked = await Promise.all(
    asked.map(async ({ name, from, limit }) => {
      const { used, retryAfterMs } = await database.take([limit])
      const { max, windowMs } = limit
      return { name, from, max, windowMs, used: used[0] ?? 0, retryAfterMs }
    }),
  )
  const [ledger, ...others] = looked
  const failures = ledger?.used ?? 0
  const applies = ({ from, max }: { from: number; max: number }) =>
    from <= failures && max < noBound
  const limits = others.filter(applies).flatMap(({ name, from: _, ...state }): LimitState[] =>
    // What is read by more than one window, or in money, is looked at by itself.
    name === undefined || name === 'ledger' || name === 'guard' || name === 'budget'
      ? []
      : [{ limit: name, ...state }],
  )
  return { failures, lockedForMs: ledger?.retryAfterMs ?? 0, limits }
}
