import type { Refusal } from './data'

/** What refuses a request, in the words of the page. */
const refusals = {
  invalid: [400, 'A part of this address or form cannot be used.'],
  malformed: [400, 'The body of the request cannot be read.'],
  'signed-out': [403, 'You may not look at this.'],
  forbidden: [403, 'You may look, but not do this.'],
  'cross-site': [403, 'Another site must not ask this.'],
  'not-found': [404, 'There is nothing here.'],
  'method-not-allowed': [405, 'This is done in another way.'],
  'too-large': [413, 'The body of the request is too large.'],
  'unsupported-media-type': [415, 'The body must be JSON.'],
  unavailable: [503, 'The database cannot be reached. Nothing was changed.'],
  'history-unavailable': [
    503,
    'The history cannot be read. Sending and verifying go on without it.',
  ],
} as const

export type RefusalName = keyof typeof refusals

// Nothing inline, nothing from elsewhere, no frame around it.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const always = {
  'cache-control': 'no-store',
  'content-security-policy': policy,
  // Whether a script or a style of it loads would tell another site who is signed in.
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** An answer that stays as the strictest browser has it, whatever it holds. */
export function respond(
  status: number,
  body: string | null,
  headers: Readonly<Record<string, string>>,
): Response {
  return new Response(body, { status, headers: { ...always, ...headers } })
}

export function json(body: object): Response {
  return respond(200, JSON.stringify(body), { 'content-type': 'application/json' })
}

/** Problem details by RFC 9457, https://www.rfc-editor.org/rfc/rfc9457 */
export function refuse(
  name: RefusalName,
  more: Pick<Refusal, 'field' | 'detail'> = {},
  headers: Readonly<Record<string, string>> = {},
): Response {
  const [status, title] = refusals[name]
  const body: Refusal = { type: `urn:otpkit:${name}`, title, status, ...more }
  const type = { 'content-type': 'application/problem+json' }
  return respond(status, JSON.stringify(body), { ...type, ...headers })
}
