import type { Cost, Money } from '../money-data'
import { type Content, create, isolated } from './dom'
import { formatCount, formatMoney, formatShare } from './format'
import { valueName } from './names'
import { overTime } from './over-time'
import { type Column, table } from './table'

const costColumns: readonly Column<Cost>[] = [
  { title: 'Messages', isNumber: true, cell: ({ messages }) => formatCount(messages) },
  { title: 'Cost', isNumber: true, cell: ({ amount, currency }) => formatMoney(amount, currency) },
  { title: 'Per verified', isNumber: true, cell: perVerified },
]

export function showMoney({ total, byCountry, byDay, unpriced }: Money): readonly Content[] {
  const free =
    unpriced > 0
      ? create(
          'p',
          { class: 'muted', 'data-unpriced': '' },
          `${formatCount(unpriced)} ${unpriced === 1 ? 'message has' : 'messages have'} no price: neither the provider nor prices says what they cost.`,
        )
      : undefined
  if (total.length === 0) {
    return [create('p', { class: 'empty' }, 'No message with a price in this time.'), free]
  }
  return [
    create('dl', { class: 'costs' }, ...total.map(costOf)),
    free,
    table<Money['byCountry'][number]>(
      'money-table',
      'Cost by country',
      [
        { title: 'Country', cell: ({ country }) => isolated(valueName('country', country)) },
        ...costColumns,
      ],
      byCountry,
    ),
    ...total.flatMap(({ currency }) => days(currency, byDay)),
  ]
}

function perVerified({ perVerified: amount, currency }: Cost): string {
  return amount === null ? 'nobody verified' : formatMoney(amount, currency)
}

function costOf(cost: Cost): HTMLElement {
  const { amount, currency, estimated, messages } = cost
  return create(
    'div',
    { 'data-currency': currency },
    create('dt', {}, 'Per verified code'),
    create('dd', { class: 'figure' }, perVerified(cost)),
    create(
      'dd',
      { class: 'muted' },
      `${formatMoney(amount, currency)} for ${formatCount(messages)} ${messages === 1 ? 'message' : 'messages'}`,
      estimated > 0 ? `, ${formatShare(estimated)} of it by the table of prices` : '',
    ),
  )
}

function days(currency: string, byDay: Money['byDay']): readonly Content[] {
  const own = byDay.filter((one) => one.currency === currency)
  if (own.length < 2) return []
  return overTime({
    key: `days-${currency}`,
    title: `Cost by day in ${currency}`,
    resolution: 'day',
    points: own,
    heightOf: ({ amount }) => ({ all: amount }),
    format: (amount) => formatMoney(amount, currency),
    columns: [
      { title: 'Cost', isNumber: true, cell: ({ amount }) => formatMoney(amount, currency) },
    ],
  })
}
