export const problems = {
  invalid: [400, 'A field of the request is not acceptable.'],
  malformed: [400, 'The body of the request cannot be read.'],
  'wrong-code': [400, 'The code is wrong, or no longer good.'],
  'challenge-required': [403, 'Please show that you are a person, and ask again.'],
  'cross-site': [403, 'Another site must not ask this.'],
  'not-found': [404, 'There is nothing here.'],
  'method-not-allowed': [405, 'This can only be posted.'],
  'already-used': [409, 'This code was already used.'],
  expired: [410, 'There is no code to send again. Ask for a new one.'],
  'too-large': [413, 'The body of the request is too large.'],
  'unsupported-media-type': [415, 'The body must be JSON or a form.'],
  'too-many-requests': [429, 'There were too many requests.'],
  unavailable: [503, 'Please try again in a minute.'],
} as const

/** What `type` of a problem says, behind `urn:otpkit:`. */
export type ProblemName = keyof typeof problems

const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** Problem details by RFC 9457, https://www.rfc-editor.org/rfc/rfc9457 */
export function problem(
  name: ProblemName,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Response {
  const [status, title] = problems[name]
  const body = { type: `urn:otpkit:${name}`, title, status, ...more }
  const type = { 'content-type': 'application/problem+json' }
  return new Response(JSON.stringify(body), { status, headers: { ...always, ...type, ...headers } })
}

export function success(body: Readonly<Record<string, unknown>>): Response {
  const headers = { ...always, 'content-type': 'application/json' }
  return new Response(JSON.stringify(body), { headers })
}
