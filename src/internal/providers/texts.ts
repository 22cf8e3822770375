import { DeliveryError } from '../../errors'

/**
 * What a function of the options makes of a message: texts by name. Where it makes anything else, such
 * as a promise, a message would go out without its code: nothing is sent.
 */
export function textsBy<Message>(
  provider: string,
  make: (message: Message) => unknown,
  message: Message,
): Readonly<Record<string, string>> {
  const texts = madeBy(make, message)
  if (isTexts(texts)) return texts
  throw new DeliveryError({ kind: 'misconfigured', sent: 'no', provider })
}

// What it throws may quote the message.
function madeBy<Message>(make: (message: Message) => unknown, message: Message): unknown {
  try {
    return make(message)
  } catch {
    return undefined
  }
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if ('then' in value && typeof value.then === 'function') return false
  return Object.values(value).every((text) => typeof text === 'string' || text === undefined)
}
