import type { HistoryEvent } from '../history'
import type { Invalid } from '../results'
import type { CheckedOptions, Viewer } from './options'
import { inTime } from './panel'
import type { Person, Unlocked } from './person-data'
import { json, refuse } from './respond'

const newestEvents = 200

/** One person's timeline, and what stands in the way of their next code. */
export async function find(
  headers: Headers,
  body: string,
  viewer: Required<Viewer>,
  { otp, history, clock }: CheckedOptions,
): Promise<Response> {
  const fields = readFields(headers, body, ['to', 'channel', 'purpose'])
  if (fields instanceof Response) return fields
  const { to = '', channel = '', purpose = '' } = fields
  const known = await otp.recipient(to)
  if (!known.ok) return invalid(known)
  const explained = await otp.explain({ to, channel, purpose, ip: null })
  if (!explained.ok) return invalid(explained)
  const { fingerprint, masked } = known
  let events: Person['events']
  try {
    events = await inTime(history.events({ fingerprint, limit: newestEvents }))
  } catch (error) {
    console.error('otpkit: createDashboard: the history cannot be read:', error)
    return refuse('history-unavailable', {}, { 'retry-after': '10' })
  }
  const asOf = Math.floor(clock())
  // Whoever looks for a person stands in that person's timeline.
  const lookUp: HistoryEvent = {
    type: 'looked_up',
    at: asOf,
    fingerprint,
    recipient: masked,
    by: viewer.name,
  }
  history.record(lookUp)
  return json({ asOf, recipient: masked, events, explained } satisfies Person)
}

/** Forgives a recipient's failures; the event `unlocked` says who did it. */
export async function unlock(
  headers: Headers,
  body: string,
  viewer: Required<Viewer>,
  { otp, clock }: CheckedOptions,
): Promise<Response> {
  const fields = readFields(headers, body, ['to'])
  if (fields instanceof Response) return fields
  const { to = '' } = fields
  const known = await otp.recipient(to)
  if (!known.ok) return invalid(known)
  const done = await otp.unlock(to, { by: viewer.name })
  if (!done.ok) return invalid(done)
  return json({ asOf: Math.floor(clock()), recipient: known.masked } satisfies Unlocked)
}

/** The fields of a JSON body, each a text; anything else is refused. */
function readFields<Name extends string>(
  headers: Headers,
  body: string,
  names: readonly Name[],
): Partial<Record<Name, string>> | Response {
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json') return refuse('unsupported-media-type')
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return refuse('malformed')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('malformed')
  const fields: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const field: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
    if (typeof field !== 'string' || field === '') {
      return refuse('invalid', { field: name, detail: 'This is missing.' })
    }
    fields[name] = field
  }
  return fields
}

/** What is wrong, in words that echo nothing. */
function invalid({ field, problem }: Invalid): Response {
  const detail = field === 'to' ? (details[problem] ?? otherDetail) : 'The manager has no such one.'
  return refuse('invalid', { field, detail })
}

const otherDetail = 'This is no number or address that can be sent to.'
const details: Readonly<Partial<Record<Invalid['problem'], string>>> = {
  country_code_missing: 'A number needs its country code here, such as +91.',
  country: 'Numbers of this country are not served.',
  number_type: 'This number cannot receive codes over this channel.',
  channel: 'This channel does not reach such a recipient. Choose another one.',
  too_long: 'This is too long for a number or an address.',
  too_short: 'This number has too few digits.',
}
