import type { Delivery } from '../delivery'
import { type DeliveryError, isDeliveryError, mayTryAnotherRoute } from '../errors'
import { handOver } from '../internal/hand-over'
import { canReach, checkDelivery, noRoute, reachOf } from '../internal/providers/reach'

/**
 * Tries routes in turn. It moves on only when nothing was sent and another route may help: never
 * after an unknown outcome, a fraud block or an opt-out, and never after an error that is not a
 * `DeliveryError`, since the message may then be on its way. When every route has failed, the error
 * of the last one is thrown. Routes that do not reach the kind of recipient are passed over; where
 * none does, it throws `misconfigured`.
 *
 * @example
 * ```ts
 * import { fallback } from 'otpkit/deliveries/fallback'
 * import { kavenegarSms } from 'otpkit/deliveries/kavenegar'
 * import { twilioSms } from 'otpkit/deliveries/twilio'
 *
 * const kavenegar = kavenegarSms({ apiKey: process.env.KAVENEGAR_API_KEY ?? '' })
 * const twilio = twilioSms({
 *   accountSid: process.env.TWILIO_ACCOUNT_SID ?? '',
 *   authToken: process.env.TWILIO_AUTH_TOKEN ?? '',
 *   from: '+15017122661',
 * })
 *
 * export const sms = fallback(kavenegar, twilio)
 * ```
 */
export function fallback(first: Delivery, ...others: readonly Delivery[]): Delivery {
  const routes = [first, ...others]
  for (const [position, route] of routes.entries()) {
    checkDelivery('fallback', `routes.${position}`, route)
  }
  return {
    name: 'fallback',
    reaches: reachOf(routes),
    deliver: async (message, options = {}) => {
      let failure: DeliveryError | undefined
      for (const route of routes) {
        if (!canReach(route, message)) continue
        if (failure !== undefined) options.onFailure?.(failure)
        try {
          return await handOver(route, message, options)
        } catch (error) {
          if (!isDeliveryError(error) || !mayTryAnotherRoute(error)) throw error
          failure = error
        }
        if (options.signal?.aborted) break
      }
      throw failure ?? noRoute('fallback')
    },
  }
}
