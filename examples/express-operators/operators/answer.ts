/** What a request came to, before a web framework sends it. */
export type Answer = Success | Refusal

export interface Success {
  readonly code: 200 | 201
  readonly data: unknown
}

export interface Refusal {
  readonly code: 400 | 404 | 413 | 415 | 429 | 500 | 503
  readonly message: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
}

/** What is wrong with one field of a request. It never quotes the value. */
export interface FieldError {
  /** The path to it, such as `registration_data.city`; `body` for the whole. */
  readonly field: string
  readonly message: string
}

export const wrongCode: Refusal = { code: 400, message: 'Invalid or expired OTP' }

export function invalidFields(errors: readonly FieldError[]): Refusal {
  return { code: 400, message: 'Invalid request', errors }
}

export function tooManyRequests(retryAfterMs: number): Refusal {
  const minutes = Math.ceil(retryAfterMs / 60_000)
  const wait = minutes === 1 ? '1 minute' : `${minutes} minutes`
  return {
    code: 429,
    message: `Too many OTP requests. Try again in ${wait}`,
    retryAfterSeconds: Math.ceil(retryAfterMs / 1000),
  }
}

/** The body that every answer of the API has. */
export function envelope(answer: Answer, requestId: string) {
  const meta = { requestId, timestamp: new Date().toISOString() }
  const { code } = answer
  if ('data' in answer) return { status: 'success', code, data: answer.data, meta } as const
  const { message, errors } = answer
  return { status: 'error', code, message, ...(errors && { errors }), meta } as const
}
