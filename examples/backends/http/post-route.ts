import type { z } from 'zod'
import { type About, type Refusal, type Route, read } from './route'
import { plainRefusal } from './site'

/** What a small API answers: JSON, with status 200 unless it says another, or a refusal. */
export type Answer =
  | { readonly json: unknown; readonly status?: number }
  | { readonly refusal: Refusal }

/** A `POST` whose body is read by its schema. */
export function post<Body>(
  path: string,
  schema: z.ZodType<Body>,
  about: Omit<About, 'body'>,
  answer: (body: Body, ip: string | null) => Promise<Answer>,
): Route {
  return {
    method: 'POST',
    path,
    about: { ...about, body: schema },
    handle: async ({ body, ip }) => {
      const request = await read(schema, body)
      if (!request.ok) return plainRefusal(request.refusal)
      const answered = await answer(request.value, ip)
      return 'refusal' in answered ? plainRefusal(answered.refusal) : { status: 200, ...answered }
    },
  }
}
