import { z } from 'zod'
import type { Refusal, Reply } from '../http/route'

/** What a request came to: data or a refusal for the envelope, or a reply as it stands. */
export type Answer = Success | Refusal | Reply

export interface Success {
  readonly code: 200 | 201
  readonly data: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer as it is sent, with data in the envelope of this API. */
export function toReply(answer: Answer, requestId: string): Reply {
  if ('status' in answer) return answer
  if (!('data' in answer)) return refuse(answer, requestId)
  const { code, data, headers = {} } = answer
  return { status: code, headers, json: { status: 'success', code, data, meta: meta(requestId) } }
}

/**
 * Every error of this API. The first document shows errors as `detail`, the second both as `detail`
 * and as `message` of the envelope: they are the same text.
 */
export function refuse(refusal: Refusal, requestId: string): Reply {
  const { code, message, errors, retryAfterSeconds } = refusal
  return {
    status: code,
    headers: retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) },
    json: {
      status: 'error',
      code,
      message,
      detail: message,
      ...(errors && { errors }),
      meta: meta(requestId),
    },
  }
}

/** The same, as the description has it. */
export const refusalView = z.object({
  status: z.literal('error'),
  code: z.int(),
  message: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  meta: z.object({ requestId: z.string(), timestamp: z.string().meta({ format: 'date-time' }) }),
})

function meta(requestId: string) {
  return { requestId, timestamp: new Date().toISOString() }
}
