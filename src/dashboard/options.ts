import type { History } from '../history'
import { checkClock } from '../internal/check-function'
import { knownOptions } from '../internal/known-options'
import { hasMethods } from '../internal/strange-clients'
import { wrongOption } from '../internal/wrong-option'
import type { Prices } from '../prices'
import type { Done, Explained, Invalid, Known } from '../results'
import type { Permission } from './data'

/** What the dashboard asks of the manager: an `OtpManager`. */
export interface DashboardManager {
  readonly channels: readonly string[]
  readonly purposes: readonly string[]
  /** Reads what somebody typed. */
  recipient(to: string): Promise<Known | Invalid>
  /** What stands in the way of somebody's next code. */
  explain(request: {
    readonly to: string
    readonly channel: string | readonly string[]
    readonly purpose: string
    readonly ip: string | null
  }): Promise<Explained | Invalid>
  /** Forgives every failure of a recipient. */
  unlock(to: string, by: { readonly by?: string }): Promise<Done | Invalid>
}

/** Somebody who may look. */
export interface Viewer {
  /** Who it is, of 1 to 128 characters: what they do is recorded under this name. */
  readonly name: string
  /**
   * What they may do besides looking at numbers and masked events: `find` one person by number or
   * address, and `unlock` a recipient whom too many wrong codes have locked.
   *
   * @defaultValue neither
   */
  readonly can?: readonly Permission[]
}

/**
 * Options of `createDashboard`. `Host` is what the handler is given behind the request, such as
 * Express' own request by `toNodeHandler`.
 */
export interface DashboardOptions<Host extends readonly unknown[]> {
  /** The manager, for `find` and `unlock`. */
  readonly otp: DashboardManager
  /** What is shown: a history that is subscribed to the manager of every process. */
  readonly history: History
  /**
   * Who is asking: their name and what they may do, or `false` for who must not look. It is asked for
   * each request, those of scripts and styles included.
   */
  readonly authorize: (request: Request, ...host: Host) => false | Viewer | Promise<false | Viewer>
  /**
   * What messages cost of which no provider says it.
   *
   * @defaultValue they are shown as unpriced
   */
  readonly prices?: Prices
  /**
   * The present in epoch milliseconds, for tests.
   *
   * @defaultValue the host's clock
   */
  readonly clock?: () => number
}

/** Options with their defaults. */
export type CheckedOptions<Host extends readonly unknown[] = readonly unknown[]> =
  DashboardOptions<Host> & { readonly clock: () => number }

/** Throws a `TypeError` that names the wrong option. */
export function checkOptions<Host extends readonly unknown[]>(
  given: DashboardOptions<Host>,
): CheckedOptions<Host> {
  const options = knownOptions<DashboardOptions<Host>>('createDashboard', given, {
    otp: true,
    history: true,
    authorize: true,
    prices: true,
    clock: true,
  })
  const { otp, history, authorize, prices } = options
  const clock = checkClock('createDashboard', options.clock) ?? Date.now
  if (!hasMethods(otp, 'recipient', 'explain', 'unlock'))
    throw wrong('otp', 'must be an OtpManager')
  if (!hasMethods(history, 'record', 'counts', 'events'))
    throw wrong('history', 'must be a history')
  if (typeof authorize !== 'function') {
    throw wrong('authorize', 'must be a function that says who may look')
  }
  if (prices !== undefined && !isPrices(prices)) {
    throw wrong(
      'prices',
      "must hold a currency and prices, such as { currency: 'EUR', perMessage: { sms: 0.05 } }",
    )
  }
  return { ...options, clock }
}

const permissions: readonly string[] = ['find', 'unlock'] satisfies readonly Permission[]

/** What `authorize` said. Throws a `TypeError` where that makes no sense: it must not let anybody in. */
export function checkViewer(viewer: unknown): Required<Viewer> | false {
  if (viewer === false) return false
  const isObject = typeof viewer === 'object' && viewer !== null
  const name: unknown = isObject && Reflect.get(viewer, 'name')
  const can: unknown = (isObject && Reflect.get(viewer, 'can')) || []
  const isName = typeof name === 'string' && name !== '' && name.length <= 128
  if (!isName || !Array.isArray(can) || !can.every(isPermission)) {
    throw wrong(
      'authorize',
      "must return false or { name, can? }, such as { name: 'ada', can: ['find'] }",
    )
  }
  return { name, can }
}

const isPermission = (value: unknown): value is Permission =>
  typeof value === 'string' && permissions.includes(value)

const wrong = (option: string, problem: string) => wrongOption('createDashboard', option, problem)

/** The same table that the manager's `spend` takes. */
function isPrices(given: Prices): boolean {
  const names = { currency: true, perMessage: true } as const
  const { currency, perMessage } = knownOptions<Prices>('createDashboard', given, names, 'prices')
  const isText: boolean = typeof currency === 'string' && /^[A-Z]{3}$/.test(currency)
  return (
    isText &&
    isTable(perMessage) &&
    Object.values(perMessage).every((price) => isPrice(price) || isByCountry(price))
  )
}

const isPrice = (price: unknown): boolean => typeof price === 'number' && price >= 0 && price <= 1e6

const isByCountry = (prices: unknown): boolean =>
  isTable(prices) &&
  Object.entries(prices).every(
    ([country, price]) => /^([A-Z]{2}|others)$/.test(country) && isPrice(price),
  )

const isTable = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
