import type { Comparison } from './money-data'
import { respond } from './respond'

/** A table to be saved, as RFC 4180 has it. */
export function comparisonCsv(name: 'providers' | 'countries', { rows }: Comparison): Response {
  const currencies = [
    ...new Set(rows.flatMap(({ costs }) => costs.map(({ currency }) => currency))),
  ]
  const head = [
    name === 'providers' ? 'provider' : 'country',
    'sent',
    'share',
    'delivered',
    'verified',
    'median_ms',
    'failures',
    ...currencies.flatMap((currency) => [`cost_${currency}`, `cost_per_verified_${currency}`]),
  ]
  const lines = rows.map((row) => [
    row.name,
    row.sent,
    row.share,
    row.delivered,
    row.verified,
    row.medianMs,
    row.failures,
    ...currencies.flatMap((currency) => {
      const cost = row.costs.find((each) => each.currency === currency)
      return [cost?.amount ?? null, cost?.perVerified ?? null]
    }),
  ])
  const body = [head, ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
  return respond(200, body, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="otp-${name}.csv"`,
  })
}

/** What is unknown is empty. A text that a spreadsheet would take for a formula gets a mark before it. */
function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = /^(\s*[=+\-@＝＋－＠]|[\t\r\n])/.test(value) ? `'${value}` : value
  return `"${text.replaceAll('"', '""')}"`
}
