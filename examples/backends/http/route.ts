import type { z } from 'zod'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One request, as a handler sees it. */
export interface Call<Body = unknown, Query = unknown> {
  /** Stands in the log, and in the answer where its format has a place for it. */
  readonly requestId: string
  readonly method: Method
  /** Where it came from, by the connection or by proxies that are trusted. */
  readonly ip: string | null
  /** Of the path: `id` for `/operators/:id`. */
  readonly parameters: Readonly<Record<string, string | undefined>>
  readonly query: Query
  /** Parsed JSON, or the bytes of an upload. */
  readonly body: Body
  /** A header by its name in lower case. */
  header(name: string): string | undefined
}

/** An answer, before a web framework sends it. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is; its `Content-Type` stands among the headers. */
  readonly content?: string | Uint8Array
}

/** What is wrong with one field of a request. It never quotes the value. */
export interface FieldError {
  /** The path to it, such as `registration_data.city`; `body` for the whole. */
  readonly field: string
  readonly message: string
}

/** Why a request is not answered. */
export interface Refusal {
  readonly code: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503
  readonly message: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
}

/** Bytes that a route takes in place of JSON. */
export interface Upload {
  readonly types: readonly string[]
  readonly mostBytes: number
}

/** What the API's description says of a route. */
export interface About {
  readonly summary: string
  readonly tag: string
  readonly body?: z.ZodType
  readonly query?: z.ZodType
  /** Who may call it, beside everybody. */
  readonly signedIn?: boolean
  /** Each answer by its status: what it means, and its body. */
  readonly answers: Readonly<Record<number, { readonly means: string; readonly body?: z.ZodType }>>
}

export interface Route {
  readonly method: Method
  /** With parameters as `:name`. A trailing slash makes no difference. */
  readonly path: string
  readonly upload?: Upload
  /** Asked before a byte of an upload is read: what refuses whoever sends it. */
  admit?(call: Call<undefined>): Promise<Reply | undefined>
  /** Pages and assets have none, and are not described. */
  readonly about?: About
  handle(call: Call): Promise<Reply>
}

export function invalidFields(errors: readonly FieldError[]): Refusal {
  return { code: 400, message: 'Invalid request', errors }
}

/** A request as its schema reads it, or every field that is wrong. */
export type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal }

/** Reads a body or a query by its schema. The first message of a field is the one that is told. */
export async function read<Value>(schema: z.ZodType<Value>, input: unknown): Promise<Read<Value>> {
  const parsed = await schema.safeParseAsync(input)
  if (parsed.success) return { ok: true, value: parsed.data }
  const messages = new Map<string, string>()
  for (const { path, message } of parsed.error.issues) {
    const field = path.join('.') || 'body'
    if (!messages.has(field)) messages.set(field, message)
  }
  const errors = Array.from(messages, ([field, message]) => ({ field, message }))
  return { ok: false, refusal: invalidFields(errors) }
}
