import type { CodedMessage, OtpMessage } from '../../delivery'
import { DeliveryError } from '../../errors'

/**
 * Refuses a message without a code, which a template of the provider's has to be filled in with:
 * whoever relays a text must name the code in it, or take a channel where the text is the message.
 */
export function needCode(message: OtpMessage, provider: string): asserts message is CodedMessage {
  if (message.code !== undefined) return
  throw new DeliveryError({ kind: 'misconfigured', sent: 'no', provider })
}
