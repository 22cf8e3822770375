import type { Recipient } from '../input/recipient'
import { defined } from '../internal/defined'
import { segments } from '../internal/segments'
import { type Priced, type Prices, priceOf } from '../prices'
import type { Routes } from './read-requests'
import type { Settings } from './settings'
import { unitsOf } from './spend-settings'
import type { Named } from './test-recipients'

/** What the text of a message depends on. */
interface Written {
  readonly recipient: Recipient
  readonly purpose: {
    readonly name: string
    readonly lifetimeMs: number
    readonly codeLength: number
  }
  readonly routes: Routes
  readonly locale: string | undefined
  /** Of a relayed message: its code may be of any length, and its text somebody else's. */
  readonly code?: string | undefined
  readonly text?: string | undefined
}

/** Two characters more than ordinary codes have: they grow with failures. */
const growth = 2

/**
 * What a message costs, in units of money: the dearest of the routes that it may take. It is the same
 * whoever is written to, so that a withheld message is charged as any other; but nothing is ever sent to a
 * test recipient.
 */
export function costOf(
  { spend, render }: Settings,
  { fixedCode }: Named,
  message: Written,
): number {
  if (spend === undefined || fixedCode !== undefined) return 0
  const { recipient, purpose, routes, locale, text } = message
  const { country } = recipient
  const amounts = routes.map(({ channel, delivery }) => {
    const priced = { channel, provider: delivery.name, country }
    const price = priceOf(spend.prices, priced) ?? dearest(spend.prices, priced)
    if (channel !== 'sms') return price
    if (text !== undefined) return price * segments(text).segments
    const code = message.code ?? '8'.repeat(Math.min(purpose.codeLength + growth, 10))
    const { name, lifetimeMs: expiresInMs } = purpose
    const written = render(defined({ channel, purpose: name, locale, code, expiresInMs }))
    return price * (written.segments?.segments ?? 1)
  })
  return unitsOf(Math.max(...amounts))
}

// A territory that shares the plan of a country which is served (GG with GB) need not be priced.
function dearest({ perMessage }: Prices, { channel, provider = '' }: Priced): number {
  const byCountry = [perMessage[provider], perMessage[channel]].map(Object)
  return Math.max(0, ...byCountry.flatMap((prices) => Object.values<number>(prices)))
}
