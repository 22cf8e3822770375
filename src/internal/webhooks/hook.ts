import { isOtpError } from '../../errors'
import type { HookOutcome, Relay } from '../../receiver'
import { knownOptions } from '../known-options'
import { checkText } from '../providers/check'
import { readBody } from '../read-body'
import { wrongOption } from '../wrong-option'
import { parseJson } from './request'

/** Where a host's messages go, and what they are for. */
export interface HookOptions<Channel extends string, Purpose extends string, Kind extends string> {
  /** A channel of the manager, or several in order: the next is used when one cannot reach somebody. */
  readonly channel: Channel | readonly Channel[]
  /**
   * The manager's purpose of all messages, or of each kind of them by the host's own word for it. A kind
   * that is left out is refused.
   */
  readonly purpose: Purpose | { readonly [Name in Kind]?: Purpose }
}

/** What a payload asks for. */
export type Asked = {
  readonly kind: string
  readonly to: string
  readonly ip: string | null
  readonly locale?: string
} & ({ readonly code: string } | { readonly text: string })

/** What a hook came to, for the host's answer to say. */
export interface Verdict {
  readonly status: 200 | 400 | 401 | 405 | 413 | 422 | 429 | 500 | 503
  readonly message: string
}

/** What differs between hosts. */
export interface HookHost {
  readonly factory: string
  /** The kinds of message, of hosts that have a fixed list of them. */
  readonly kinds?: Readonly<Record<string, true>>
  isAuthentic(webhook: { readonly headers: Headers; readonly body: string }): Promise<boolean>
  /** What an authentic payload asks for; nothing where it holds nothing that can be sent. */
  read(payload: unknown): readonly Asked[]
  answer(verdict: Verdict): Response
  /** How long a host may wait; after that a message counts as on its way. */
  readonly patienceMs?: number
}

// A user's own data comes along with the code.
const mostBytes = 1024 * 1024

/** One handler for the hook of a host, which relays what the host asks for. */
export function hookHandler<Channel extends string, Purpose extends string, Kind extends string>(
  otp: Relay<Channel, Purpose>,
  options: HookOptions<Channel, Purpose, Kind>,
  host: HookHost,
): (request: Request) => Promise<Response> {
  const { factory } = host
  if (typeof otp?.relay !== 'function') {
    throw wrongOption(factory, 'otp', 'must be an OtpManager, before the options')
  }
  const { channel } = options
  checkChannel(factory, channel)
  const purposeOf = readPurpose<Purpose>(factory, options.purpose, host.kinds)

  async function relay(asked: Asked): Promise<Verdict> {
    const { kind, ...message } = asked
    const purpose = purposeOf(kind)
    if (purpose === undefined) return verdicts.unserved
    try {
      return verdictOn(factory, await otp.relay({ ...message, channel, purpose }))
    } catch (error) {
      if (!isOtpError(error)) throw error
      console.error(`otpkit: ${factory}:`, error.code, error.cause)
      return error.code === 'delivery_failed' ? verdicts.failed : verdicts.unavailable
    }
  }

  /** One verdict for all of them, that of the first which was not sent. A repetition sends only those. */
  async function relayAll(asked: readonly Asked[]): Promise<Verdict> {
    const all = await Promise.all(asked.map(relay))
    return all.find(({ status }) => status !== 200) ?? verdicts.sent
  }

  async function judge(request: Request): Promise<Verdict> {
    if (request.method !== 'POST') return verdicts.method
    const body = await readBody(factory, request, mostBytes)
    if (typeof body === 'number') return body === 413 ? verdicts.large : verdicts.unreadable
    if (!(await host.isAuthentic({ headers: request.headers, body }))) return verdicts.unauthentic
    const asked = host.read(parseJson(body))
    if (asked.length === 0) return verdicts.unreadable
    return soon(relayAll(asked), host.patienceMs, (error) => {
      console.error(`otpkit: ${factory}:`, error)
    })
  }

  return async (request) => host.answer(await judge(request))
}

const verdicts = {
  sent: { status: 200, message: '' },
  unreadable: { status: 400, message: 'The payload holds nothing that can be sent.' },
  unauthentic: { status: 401, message: 'The request is not authentic.' },
  method: { status: 405, message: 'This can only be posted.' },
  large: { status: 413, message: 'The payload is too large.' },
  unserved: { status: 422, message: 'This kind of message is not sent here.' },
  unreachable: { status: 422, message: 'A code cannot be sent to this recipient.' },
  failed: { status: 500, message: 'The code could not be sent.' },
  unavailable: { status: 503, message: 'Please try again in a minute.' },
} as const satisfies Readonly<Record<string, Verdict>>

/**
 * The verdict, or after a while that the message is on its way: it may be, and is not sent twice. What
 * fails after that is told.
 */
function soon(
  verdict: Promise<Verdict>,
  patienceMs: number | undefined,
  tellLate: (error: unknown) => void,
): Promise<Verdict> {
  if (patienceMs === undefined) return verdict
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      resolve(verdicts.sent)
    }, patienceMs)
    // The host has its answer by then, and nobody else would hear of a fault.
    verdict
      .then(resolve, (error) => (isLate ? tellLate(error) : reject(error)))
      .finally(() => clearTimeout(timer))
  })
}

function verdictOn(factory: string, outcome: HookOutcome): Verdict {
  if (outcome.ok) return verdicts.sent
  if (outcome.reason === 'undeliverable') return verdicts.unreachable
  if (outcome.reason !== 'invalid') return { status: 429, message: tooMany(outcome.retryAfterMs) }
  const { field } = outcome
  if (field === 'channel' || field === 'purpose') {
    throw wrongOption(factory, field, 'names one that the manager does not have')
  }
  if (field === 'to') return verdicts.unreachable
  return { status: 422, message: `The ${field} cannot be sent.` }
}

function tooMany(retryAfterMs: number): string {
  // A day in seconds helps nobody.
  const when = retryAfterMs <= 120_000 ? `in ${Math.ceil(retryAfterMs / 1000)} seconds` : 'later'
  return `There were too many requests. Try again ${when}.`
}

/** An answer in JSON that nobody keeps. */
export function answerJson(
  { status }: Verdict,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const always = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 ? { allow: 'POST' } : {}),
  }
  return new Response(JSON.stringify(body), { status, headers: { ...always, ...headers } })
}

/** The answer to hosts that know success from failure by the status, and log the rest. */
export function answerByStatus(verdict: Verdict): Response {
  return answerJson(verdict, verdict.status === 200 ? {} : { message: verdict.message })
}

/** A payload's text; nothing where it is missing, empty or something else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A language of a payload. One that cannot be a tag is left out: it must not cost anybody the code. */
export function localeOf(value: unknown): { readonly locale?: string } {
  const locale = textOf(value)
  return locale !== undefined && /^[\w-]{1,35}$/.test(locale) ? { locale } : {}
}

/** A number in E.164 of hosts that write it without the `+` too; nothing where it is none. */
export function internationalNumber(value: unknown): string | undefined {
  const [, digits] = /^\+?([1-9]\d{1,14})$/.exec(textOf(value) ?? '') ?? []
  return digits === undefined ? undefined : `+${digits}`
}

function checkChannel(factory: string, channel: unknown): void {
  const channels: readonly unknown[] = Array.isArray(channel) ? channel : [channel]
  const isName = (name: unknown) => typeof name === 'string' && /^\S+$/.test(name)
  if (channels.length === 0 || !channels.every(isName)) {
    throw wrongOption(factory, 'channel', "must be a channel of the manager's, or a list of them")
  }
}

function readPurpose<Purpose extends string>(
  factory: string,
  given: Purpose | { readonly [Kind in string]?: Purpose },
  kinds: Readonly<Record<string, true>> | undefined,
): (kind: string) => Purpose | undefined {
  if (typeof given === 'string') {
    checkText(factory, 'purpose', given)
    return () => given
  }
  const rule = 'must be a purpose, or the purpose of each kind of message'
  if (typeof given !== 'object' || given === null) throw wrongOption(factory, 'purpose', rule)
  const byKind = kinds === undefined ? given : knownOptions(factory, given, kinds, 'purpose')
  const purposes = new Map<string, Purpose | undefined>(Object.entries(byKind))
  if (purposes.size === 0 || Array.isArray(given)) throw wrongOption(factory, 'purpose', rule)
  for (const [kind, purpose] of purposes) checkText(factory, `purpose.${kind}`, purpose)
  return (kind) => purposes.get(kind)
}
