import type { Cost, Money } from '../money-data'
import { columns } from './bar'
import { type Content, create, isolated } from './dom'
import { formatCount, formatMoney, formatShare, formatUtcDay } from './format'
import { valueName } from './names'
import { behindButton, type Column, table } from './table'

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
  const most = own.reduce((found, one) => Math.max(found, one.amount), 0)
  return [
    columns(
      `Cost by day, ${formatMoney(most, currency)} at most.`,
      own.map(({ amount }) => amount),
    ),
    behindButton(
      `days-${currency}`,
      'Day by day',
      table(
        `days-table-${currency}`,
        `Cost by day in ${currency}`,
        [
          { title: 'Day', cell: ({ at }) => formatUtcDay(at) },
          { title: 'Cost', isNumber: true, cell: ({ amount }) => formatMoney(amount, currency) },
        ],
        own.toReversed(),
      ),
    ),
  ]
}
