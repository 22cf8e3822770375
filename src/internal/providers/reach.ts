import type { Delivery, OtpMessage } from '../../delivery'
import { DeliveryError } from '../../errors'
import { wrongOption } from '../wrong-option'

/** The kind of a recipient: a normalised number has no `@`, whatever an address begins with. */
export function kindOfRecipient({ to }: OtpMessage): 'phone' | 'email' {
  return to.includes('@') ? 'email' : 'phone'
}

/** Whether this delivery can carry the message at all. */
export function canReach(delivery: Delivery, message: OtpMessage): boolean {
  return delivery.reaches.includes(kindOfRecipient(message))
}

/** Checks an option `reaches`: a list, and by default both. */
export function checkReaches(factory: string, value: Delivery['reaches'] = ['phone', 'email']) {
  const isList: boolean =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((kind) => kind === 'phone' || kind === 'email')
  if (!isList) throw wrongOption(factory, 'reaches', "must be a list of 'phone' and 'email'")
  return value
}

/** The kinds of recipient that at least one of these reaches. */
export function reachOf(deliveries: readonly Delivery[]): Delivery['reaches'] {
  return [...new Set(deliveries.flatMap(({ reaches }) => reaches))]
}

/** What a route throws that leads nowhere for this message. */
export function noRoute(provider: string): DeliveryError {
  return new DeliveryError({ kind: 'misconfigured', sent: 'no', provider })
}

/** Checks an option that is a delivery. */
export function checkDelivery(
  factory: string,
  option: string,
  value: Delivery | undefined,
): Delivery {
  const isDelivery =
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'deliver') === 'function' &&
    typeof Reflect.get(value, 'name') === 'string' &&
    Array.isArray(Reflect.get(value, 'reaches'))
  if (!isDelivery || value === undefined) throw wrongOption(factory, option, 'must be a delivery')
  return value
}

/**
 * Checks the option `routes` of a table: an object of deliveries, each under a key that has no
 * problem, or `default`.
 */
export function checkRoutes(
  factory: string,
  routes: Readonly<Record<string, Delivery | undefined>>,
  problemOf: (key: string) => string | undefined,
): Map<string, Delivery> {
  if (typeof routes !== 'object' || routes === null || Array.isArray(routes)) {
    throw wrongOption(factory, 'routes', 'must be an object')
  }
  const checked = new Map<string, Delivery>()
  for (const [key, route] of Object.entries(routes)) {
    const problem = key === 'default' ? undefined : keyProblem(key, problemOf)
    // What does not look like a key could be a value, put in its place by mistake.
    const shown = /^\+?\w{1,15}$/.test(key) ? `routes.${key}` : 'routes'
    if (problem !== undefined) throw wrongOption(factory, shown, problem)
    checked.set(key, checkDelivery(factory, `routes.${key}`, route))
  }
  if (checked.size === 0) throw wrongOption(factory, 'routes', 'must hold a route')
  return checked
}

function keyProblem(key: string, problemOf: (key: string) => string | undefined) {
  const isDefault = /^(default|defaults|any|all|others?|rest|\*)$/i.test(key)
  return isDefault ? 'is not known: did you mean `default`?' : problemOf(key)
}
