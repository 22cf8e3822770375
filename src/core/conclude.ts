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
export async function conclude(core: Core, message: Message, isTaken: boolean): Promise<void> {
  if (core.settings.background !== undefined) return
  const { order, challenge, place, expiresInMs } = message
  if (!isTaken) {
    if (place.kind === 'repeat') {
      const { own, unsent, charge } = place.counted
      await giveBack(core, order, [...own, ...unsent], charge)
    }
    await refundUnsent(core, order.labels.label, message.payment)
    return
  }
  if (place.kind === 'waiting') {
    const { purpose } = order
    const { policy, keys } = purpose.charges.put(
      core.settings.keys,
      factsOf(order),
      askedLength(order, challenge.state.codeLength),
    )
    // Should another one have taken that place, it has the same code, or was begun later.
    await core.database.begin({
      policy,
      keys,
      challenge: toStore(challenge, purpose.attempts, expiresInMs),
      replaces: place.earlier.digest,
    })
  }
  if (place.kind === 'moved') await core.database.delete(place.earlier.id, place.earlier.digest)
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
