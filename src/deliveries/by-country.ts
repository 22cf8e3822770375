import type { Delivery } from '../delivery'
import { countryProblem } from '../internal/country'
import { canReach, checkRoutes, noRoute, reachOf } from '../internal/providers/reach'

/** A route per ISO 3166 country code, such as `IR`, and one for all the others. */
export type CountryRoutes = { readonly [country: string]: Delivery } & {
  /** The route for all other countries, and for recipients without one. */
  readonly default?: Delivery
}

/**
 * Chooses the route by the country of the number. A message to a country without a route, or with
 * one that does not reach this kind of recipient, takes `default`; without that it throws
 * `misconfigured`, and nothing was sent.
 *
 * @throws `TypeError` for a key that is neither a country code in capitals nor `default`
 *
 * @example
 * ```ts
 * import { byCountry } from 'otpkit/deliveries/by-country'
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
 * export const sms = byCountry({ IR: kavenegar, default: twilio })
 * ```
 */
export function byCountry(routes: CountryRoutes): Delivery {
  const byCode = checkRoutes('byCountry', routes, countryProblem)
  return {
    name: 'byCountry',
    reaches: reachOf([...byCode.values()]),
    deliver: async (message, options) => {
      const route = [message.country ?? 'default', 'default']
        .map((code) => byCode.get(code))
        .find((candidate) => candidate !== undefined && canReach(candidate, message))
      if (route === undefined) throw noRoute('byCountry')
      return route.deliver(message, options)
    },
  }
}
