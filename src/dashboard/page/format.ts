import type { HistoryResolution } from '../../history'

// Numbers, instants and names as the browser's language writes them.

const languages = [...navigator.languages]
const whole = new Intl.NumberFormat(languages, { maximumFractionDigits: 0 })
const share = new Intl.NumberFormat(languages, { style: 'percent', maximumFractionDigits: 1 })
const change = new Intl.NumberFormat(languages, {
  style: 'percent',
  maximumFractionDigits: 0,
  signDisplay: 'exceptZero',
})
const clock = new Intl.DateTimeFormat(languages, { hour: '2-digit', minute: '2-digit' })
const seconds = new Intl.DateTimeFormat(languages, { timeStyle: 'medium' })
const day = new Intl.DateTimeFormat(languages, { day: 'numeric', month: 'short' })
const utcDay = new Intl.DateTimeFormat(languages, {
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
})
const instant = new Intl.DateTimeFormat(languages, {
  dateStyle: 'medium',
  timeStyle: 'medium',
})
const moment = new Intl.DateTimeFormat(languages, {
  ...{ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
})
const places = new Intl.DisplayNames(languages, { type: 'region', fallback: 'code' })

export const formatCount = (value: number): string => whole.format(value)
export const formatShare = (value: number): string => share.format(value)
/** With its sign: +12%. */
export const formatChange = (value: number): string => change.format(value)
export const formatClock = (at: number): string => clock.format(at)
export const formatSeconds = (at: number): string => seconds.format(at)
export const formatDay = (at: number): string => day.format(at)
export const formatMoment = (at: number): string => moment.format(at)
/** When a piece of time begins. Days of a history are those of UTC. */
export const formatPiece = (at: number, resolution: HistoryResolution): string =>
  resolution === 'day' ? utcDay.format(at) : moment.format(at)
export const formatInstant = (at: number): string => instant.format(at)

const units = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1_000 },
] as const

/** In its largest unit: 4.2s, 3m; in sentences 4.2 seconds, 180 days. */
export function formatDuration(ms: number, unitDisplay: 'narrow' | 'long' = 'narrow'): string {
  const { unit, ms: length } = units.find((one) => ms >= one.ms) ?? { unit: 'second', ms: 1_000 }
  const value = ms / length
  return new Intl.NumberFormat(languages, {
    style: 'unit',
    unit,
    unitDisplay,
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value)
}

/** An amount, with as many digits as the price of one message needs. */
export function formatMoney(amount: number, currency: string): string {
  const isSmall = amount !== 0 && Math.abs(amount) < 1
  try {
    return new Intl.NumberFormat(languages, {
      style: 'currency',
      currency,
      ...(isSmall && { maximumFractionDigits: 4 }),
    }).format(amount)
  } catch {
    // What a provider calls a currency need not be one.
    return `${new Intl.NumberFormat(languages, { maximumFractionDigits: 4 }).format(amount)} ${currency}`
  }
}

/** The country's name; the code itself where that is none. */
export function formatCountry(code: string): string {
  try {
    return places.of(code) ?? code
  } catch {
    return code
  }
}
