// For tests: a handler on memory, and requests to it as a client makes them.
import type { Delivery, Verified } from 'otpkit'
import { createHandler, type HandlerOptions, openApi } from 'otpkit/http'
import { expect } from 'vitest'
import { z } from 'zod'
import { createFixture } from '../fixture'

type Options = HandlerOptions<'sms' | 'whatsapp' | 'email', 'login' | 'signup', []>
export type Handler = (request: Request) => Promise<Response>

/** Calls of `verified`, each answered with a cookie, and a handler that makes them. */
export function createHandlerFixture(
  options: Partial<Options> = {},
  settings: Parameters<typeof createFixture>[0] = {},
) {
  const fixture = createFixture(settings)
  const verified: Verified[] = []
  const handler = createHandler(fixture.otp, {
    ip: () => null,
    purposes: { login: ['sms', 'email'] },
    verified: (result) => {
      verified.push(result)
      return new Response(null, { status: 204, headers: { 'set-cookie': 'session=1' } })
    },
    ...options,
  })
  const ask = (path: string, body: unknown, headers?: Readonly<Record<string, string>>) =>
    askOf(handler, path, body, headers)
  return { ...fixture, handler, verified, ask }
}

/** Posts JSON, and gives the answer as OpenAPI describes it. */
export async function askOf(
  handler: Handler,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) {
  const url = `https://app.example.com/otp/${path}`
  const type = { 'content-type': 'application/json' }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const init = { method: 'POST', headers: { ...type, ...headers }, body: text }
  return described(path, await handler(new Request(url, init)))
}

/** Fails unless the OpenAPI document describes this answer. */
export async function described(path: string, response: Response) {
  const { status, headers } = response
  const text = await response.text()
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  const body: unknown = text === '' ? null : JSON.parse(text)
  const answer = { status, headers, body }
  const responses = responsesOf(path)
  if (responses === undefined || status === 204) return answer
  const { content, headers: told = {} } = responses[String(status)] ?? {}
  const schema = content?.[type]?.schema
  if (schema === undefined) throw new Error(`${path} says nothing of ${status} as ${type}`)
  expect(z.fromJSONSchema(schema).safeParse(body).error?.issues).toBeUndefined()
  if (status === 429 || status === 503) expect(Object.keys(told)).toEqual(['Retry-After'])
  expect(headers.has('retry-after')).toBe('Retry-After' in told)
  return answer
}

const responseTable = z.record(
  z.string(),
  z.object({
    content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.json()) })).optional(),
    headers: z.record(z.string(), z.unknown()).optional(),
  }),
)

function responsesOf(path: string) {
  const item = z
    .record(z.string(), z.object({ post: z.object({ responses: responseTable }) }))
    .parse(openApi.paths)[`/${path}`]
  return item?.post.responses
}

/** Takes no message, for this reason. */
export const unreachable = (error: Error): Delivery => ({
  name: 'unreachable',
  reaches: ['phone', 'email'],
  deliver: () => Promise.reject(error),
})
