import type { Delivery } from '../delivery'
import {
  canReach,
  checkRoutes,
  kindOfRecipient,
  noRoute,
  reachOf,
} from '../internal/providers/reach'

/** A route per beginning of a number, such as `+91` or `+1204`, and one for all the others. */
export type PrefixRoutes = { readonly [prefix: string]: Delivery } & {
  /** The route for all other numbers, and for e-mail addresses. */
  readonly default?: Delivery
}

/**
 * Chooses the route by the beginning of the number: the longest prefix wins. A message without a
 * route takes `default`; without that it throws `misconfigured`, and nothing was sent.
 *
 * @throws `TypeError` for a key that is neither `+` with digits nor `default`
 *
 * @example
 * ```ts
 * import { byPrefix } from 'otpkit/deliveries/by-prefix'
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
 * export const sms = byPrefix({ '+98': kavenegar, default: twilio })
 * ```
 */
export function byPrefix(routes: PrefixRoutes): Delivery {
  const byKey = checkRoutes('byPrefix', routes, prefixProblem)
  const longestFirst = [...byKey]
    .map(([prefix, route]) => ({ prefix: prefix === 'default' ? '' : prefix, route }))
    .sort((one, other) => other.prefix.length - one.prefix.length)
  return {
    name: 'byPrefix',
    reaches: reachOf(longestFirst.map(({ route }) => route)),
    deliver: async (message, options) => {
      // An address may begin with a plus sign and digits too.
      const number = kindOfRecipient(message) === 'phone' ? message.to : ''
      const found = longestFirst.find(
        ({ prefix, route }) => number.startsWith(prefix) && canReach(route, message),
      )
      if (found === undefined) throw noRoute('byPrefix')
      return found.route.deliver(message, options)
    },
  }
}

function prefixProblem(key: string): string | undefined {
  if (/^\+[1-9]\d{0,14}$/.test(key)) return undefined
  const guess = /^[1-9]\d{0,3}$/.test(key) ? `: did you mean \`+${key}\`?` : ''
  return `must be a prefix such as +91, or default${guess}`
}
