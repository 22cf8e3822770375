import type { StoredChallenge } from '../store'
import { toStore } from './challenge'
import { giveBack } from './choose-challenge'
import { type Core, quietly } from './context'
import { refundLimit } from './limits'
import { askedLength, factsOf, type Message, type Payment } from './message'

/**
 * What the outcome of a message changes. With `background` it changes nothing: the answer was given
 * before, and a next request must not be treated otherwise than one about somebody to whom nothing
 * is sent.
 */
export function conclude(
  core: Core,
  message: Message,
  isTaken: boolean,
): Promise<unknown> | undefined {
  if (core.settings.background !== undefined) return undefined
  if (!isTaken) return takeBack(core, message)
  const { place } = message
  if (place.kind === 'waiting') return replaceEarlier(core, message, place.earlier)
  if (place.kind === 'moved') return core.database.delete(place.earlier.id, place.earlier.digest)
  return undefined
}

async function takeBack(core: Core, { order, place, payment }: Message): Promise<void> {
  if (place.kind === 'repeat') {
    const { own, unsent, charge } = place.counted
    await giveBack(core, order, [...own, ...unsent], charge)
  }
  await refundUnsent(core, order.labels.label, payment)
}

/** Should another one have taken that place, it has the same code, or was begun later. */
function replaceEarlier(
  core: Core,
  { order, challenge, expiresInMs }: Message,
  earlier: StoredChallenge,
): Promise<unknown> {
  const { purpose } = order
  const { policy, keys } = purpose.charges.put(
    core.settings.keys,
    factsOf(order),
    askedLength(order, challenge.state.codeLength),
  )
  return core.database.begin({
    policy,
    keys,
    challenge: toStore(challenge, purpose.attempts, expiresInMs),
    replaces: earlier.digest,
  })
}

/**
 * Gives the recipient's own limits back for a message that no provider took; only so often, so that
 * a number which always fails cannot be tried without end. The challenge stays: another `send` may
 * have repeated its code, and the next one will.
 *
 * What counts for the guard and for caps on money is given back however often it was.
 *
 * @param mark - The key of what a relayed message is known by, which is given back as often.
 */
export async function refundUnsent(
  core: Core,
  label: string,
  { own, unsent, charge }: Payment,
  mark: readonly string[] = [],
): Promise<void> {
  if (core.settings.background !== undefined) return
  await quietly(core, label, 'refund', async () => {
    const granted = await core.database.take([refundLimit(label)])
    const always = [...unsent, ...mark]
    const keys = granted.ok ? [...own, ...always] : always
    if (keys.length > 0) await core.database.refund(keys, charge)
  })
}
