/** Of everything that no manager tells, such as `looked_up` of the dashboard. */
const others = 'others'

/** Where events are kept: each type of a manager's apart, so that what is frequent leaves room for the rest. */
export const eventLists: readonly string[] = [
  'sent',
  'delivery_failed',
  'unsent',
  'long_message',
  'receipt',
  'refused',
  'suspected',
  'spend',
  'unreadable_ip',
  'verified',
  'incorrect',
  'used',
  'expired',
  'canceled',
  'redeemed',
  'unlocked',
  'fault',
  others,
]

/** The list that events of this type are in. */
export function listOf(type: string): string {
  return eventLists.includes(type) ? type : others
}
