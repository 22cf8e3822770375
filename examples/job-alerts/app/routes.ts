import type { z } from 'zod'
import { type Refusal, type Route, read } from '../../http/route'
import { plainRefusal } from '../../http/site'

/** What is sent as JSON, or why the request is refused. */
export type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly refusal: Refusal }

/** A `POST` whose body is read by its schema. */
export function post<Body>(
  path: string,
  schema: z.ZodType<Body>,
  answer: (body: Body, ip: string | null) => Promise<Answer>,
): Route {
  return {
    method: 'POST',
    path,
    handle: async ({ body, ip }) => {
      const request = read(schema, body)
      if (!request.ok) return plainRefusal(request.refusal)
      const answered = await answer(request.value, ip)
      return 'refusal' in answered ? plainRefusal(answered.refusal) : answered
    },
  }
}
