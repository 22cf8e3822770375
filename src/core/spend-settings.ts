import * as z from 'zod/mini'
import type { SpendCap } from '../guard-options'
import { defined } from '../internal/defined'
import { wrongManagerOption } from '../internal/wrong-option'
import { type Priced, type Prices, priceOf } from '../prices'
import { dayMs } from './guard-settings'
import { keyFor, type Log, lastIndex } from './logs'

/** Money is counted in whole units of 1/100,000: a databases' logs hold whole numbers. */
const unit = 1e-5

/** The caps and prices, checked. */
export interface SpendSettings {
  readonly caps: { readonly perDay: number; readonly perCountryPerDay?: number }
  readonly prices: Prices
}

const money = z
  .number('must be a number in the currency of `prices`')
  .check(z.gte(unit, `must be ${unit} or more`), z.lte(1e9, 'must be at most a thousand million'))
const price = z
  .number('must be a price')
  .check(z.gte(0, 'must be 0 or more'), z.lte(1e6, 'must be at most a million'))

const pricesShape = {
  currency: z
    .string('must be an ISO 4217 code such as EUR')
    .check(z.regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')),
  perMessage: z.record(
    z.string(),
    z.union(
      [
        price,
        z.record(
          z.string().check(z.regex(/^([A-Z]{2}|others)$/, 'must be a country code, or `others`')),
          price,
        ),
      ],
      { error: 'must be a price, or prices by country' },
    ),
    { error: 'must be an object with prices by channel or provider' },
  ),
}
const spendShape = {
  perDay: money,
  perCountryPerDay: z.optional(money),
  prices: z.strictObject(pricesShape, { error: 'must be { currency, perMessage }' }),
}

export const spendOptions = z.strictObject(spendShape, { error: 'must be { perDay, prices }' })
export const spendNames: readonly string[] = Object.keys(spendShape)
export const pricesNames: readonly string[] = Object.keys(pricesShape)

/**
 * Checks the options.
 *
 * @param needed - What a message may have to be priced as.
 */
export function spendSettings(
  { perDay, perCountryPerDay, prices }: z.infer<typeof spendOptions>,
  needed: Iterable<Priced>,
): SpendSettings {
  for (const priced of needed) {
    if (priceOf(prices, priced) !== undefined) continue
    const { channel, country = 'others' } = priced
    const rule = `is missing: what a message over ${channel} costs there`
    throw wrongManagerOption(`spend.prices.perMessage.${channel}.${country}`, rule)
  }
  return { caps: defined({ perDay, perCountryPerDay }), prices }
}

/** Money in whole units: never fewer than it is. */
export function unitsOf(amount: number): number {
  // What a product of decimals is off by must not cost a unit.
  return Math.ceil(Number((amount / unit).toPrecision(12)))
}

/** The money that so many units are. */
export function amountOf(units: number): number {
  return Number((units * unit).toFixed(5))
}

/** The most units that a cap has room for. */
export function capUnits(cap: number): number {
  return Math.floor(Number((cap / unit).toPrecision(12)))
}

/** The logs of what messages cost; only of one that costs something. */
export function spendLogs({ caps }: SpendSettings): readonly Log[] {
  const logOf = (cap: SpendCap, max: number, isCountry: boolean): Log => {
    const index = lastIndex('spend')
    return {
      keyOf: (keys, { cost = 0, recipient }) => {
        const country = isCountry ? recipient?.country : ''
        if (cost === 0 || country === undefined) return undefined
        return keyFor('s', index(keys, country))
      },
      givenBack: 'always',
      isMoney: true,
      limits: [{ name: 'budget', cap, max: capUnits(max), windowMs: dayMs }],
    }
  }
  const { perDay, perCountryPerDay } = caps
  return [
    logOf('perDay', perDay, false),
    ...(perCountryPerDay === undefined ? [] : [logOf('perCountryPerDay', perCountryPerDay, true)]),
  ]
}
