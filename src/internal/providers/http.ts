import type { DeliveryErrorKind } from '../../delivery'
import { DeliveryError, type DeliveryFailure } from '../../errors'
import { checkFunction } from '../check-function'
import { defined } from '../defined'
import { encodeBase64 } from '../encoding'
import type { OptionNames } from '../known-options'
import { version } from '../version'
import { wrongOption } from '../wrong-option'
import { checkTimeout, checkUrl } from './check'
import type { Classification } from './classify'
import { neverConnected } from './never-connected'

/** What every delivery over HTTP takes beside its credentials. */
export interface HttpOptions {
  /**
   * Replaces `fetch`, for tests and instrumentation.
   *
   * @defaultValue the runtime's own
   */
  readonly fetch?: typeof globalThis.fetch
  /**
   * Where the provider's API is, with its path if it has one. It is https, or http on this machine.
   *
   * @defaultValue the provider's public address
   */
  readonly baseUrl?: string
  /**
   * How long to wait for the whole answer, in milliseconds. When it runs out the outcome is unknown
   * and no other route is tried. Below 11 seconds that includes a provider that cannot be reached
   * at all: Node gives up connecting after 10.5 seconds, and only then says that nothing was sent.
   *
   * @defaultValue 12000
   */
  readonly timeoutMs?: number
}

/** For `knownOptions`. */
export const httpOptionNames: OptionNames<HttpOptions> = {
  fetch: true,
  baseUrl: true,
  timeoutMs: true,
}

/** One POST. The body is `form`, `json` or `body`, and empty without any of them. */
export interface HttpRequest {
  /** Appended to the base URL as it is. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Fields of a form; those that are `undefined` are left out. */
  readonly form?: Readonly<Record<string, string | undefined>>
  readonly json?: unknown
  /** A body that must go out as these very bytes, because they are signed. */
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

/** What the provider answered, redirects excluded. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  /** The parsed body where it is JSON, whatever its content type says, else its text. */
  readonly body: unknown
  /** How long the header `Retry-After` asks to wait, in milliseconds. */
  readonly retryAfterMs?: number
}

/** The calls of one delivery to its provider. */
export interface HttpClient {
  /** The address that every path is appended to, without a trailing slash. */
  readonly baseUrl: string
  /** Resolves on any answer but a redirect; every other end of a call is a `DeliveryError`. */
  post(request: HttpRequest): Promise<HttpAnswer>
  /** The error for an answer that proves no success. */
  failure(answer: HttpAnswer, classification: Classification, code?: unknown): DeliveryError
}

const defaultTimeoutMs = 12_000
const largestBody = 256 * 1024

/** A client for one provider. Wrong options are a `TypeError` that names the factory and the option. */
export function createHttpClient(
  factory: string,
  provider: string,
  defaultBaseUrl: string,
  options: HttpOptions,
): HttpClient {
  const baseUrl = checkUrl(factory, 'baseUrl', options.baseUrl ?? defaultBaseUrl).replace(
    /\/+$/,
    '',
  )
  if (baseUrl.includes('?')) throw wrongOption(factory, 'baseUrl', 'must not hold a query')
  checkFunction(factory, 'fetch', options.fetch)
  const timeoutMs = checkTimeout(factory, options.timeoutMs ?? defaultTimeoutMs)
  // A cause could quote the request, so errors are made of fields alone.
  const error = (kind: DeliveryErrorKind, sent: DeliveryFailure['sent']) =>
    new DeliveryError({ kind, sent, provider })

  return {
    baseUrl,

    post: async (request) => {
      if (request.signal?.aborted === true) throw error('unavailable', 'no')
      const timeout = AbortSignal.timeout(timeoutMs)
      let answer: HttpAnswer
      try {
        const response = await (options.fetch ?? globalThis.fetch)(`${baseUrl}${request.path}`, {
          method: 'POST',
          ...encode(request),
          // Never followed: the next host would get the code and the credentials. Workers refuse
          // the mode 'error', so the redirect is looked at and refused below.
          redirect: 'manual',
          signal: request.signal ? AbortSignal.any([timeout, request.signal]) : timeout,
        })
        answer = await readAnswer(response)
      } catch (cause) {
        throw neverConnected(cause) ? error('unavailable', 'no') : error('unknown', 'unknown')
      }
      // 303 is the one redirect that says the request was carried out.
      if (answer.status === 303) throw error('misconfigured', 'unknown')
      if (answer.status < 200 || (answer.status >= 300 && answer.status < 400)) {
        throw error('misconfigured', 'no')
      }
      return answer
    },

    failure(answer, [kind, sent, consolePage], code) {
      const { retryAfterMs } = answer
      const providerCode = isProviderCode(code) ? code : undefined
      return new DeliveryError(
        defined({ kind, sent, provider, providerCode, retryAfterMs, consolePage }),
      )
    },
  }
}

// Longer runs of digits could be a code that the provider quotes; none of theirs is a text of six.
function isProviderCode(code: unknown): code is string | number {
  return typeof code === 'number'
    ? code < 1_000_000
    : typeof code === 'string' && !/\d{6}/.test(code)
}

/** Standard base64 of the text's UTF-8, as HTTP Basic wants it. */
export function basicAuthorization(name: string, password: string): string {
  return `Basic ${encodeBase64(new TextEncoder().encode(`${name}:${password}`))}`
}

function encode(request: HttpRequest): { headers: Headers; body: string | null } {
  const headers = new Headers(request.headers)
  // Some providers refuse a request that names no client, as those of Workers do.
  headers.set('user-agent', `otpkit/${version}`)
  const [type, body] = encodeBody(request)
  if (type !== null) headers.set('content-type', type)
  return { headers, body }
}

function encodeBody({ form, json, body }: HttpRequest): [type: string | null, body: string | null] {
  if (form !== undefined) {
    const fields = new URLSearchParams()
    for (const [name, value] of Object.entries(form)) {
      if (value !== undefined) fields.set(name, value)
    }
    return ['application/x-www-form-urlencoded;charset=UTF-8', fields.toString()]
  }
  if (json !== undefined) return ['application/json', JSON.stringify(json)]
  return [null, body ?? null]
}

async function readAnswer(response: Response): Promise<HttpAnswer> {
  const text = await readText(response)
  const { status, headers } = response
  return {
    status,
    headers,
    body: parse(text),
    ...defined({ retryAfterMs: parseRetryAfter(headers) }),
  }
}

// A body past the limit counts as empty: no provider's answer is that long, and the status decides.
async function readText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const chunk = await reader.read()
    if (chunk.done) return text + decoder.decode()
    size += chunk.value.byteLength
    if (size > largestBody) {
      await reader.cancel()
      return ''
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

// A date is measured from the provider's own clock, since the host's may be wrong.
function parseRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? ''
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  if (!value.endsWith(' GMT')) return undefined
  const waitMs = Date.parse(value) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs)
}
