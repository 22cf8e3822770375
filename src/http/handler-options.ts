import { knownOptions } from '../internal/known-options'
import { shownPath, wrongOption } from '../internal/wrong-option'
import type { Verified } from '../results'
import { isNewResponse } from './is-response'
import type { PublicPurposes } from './read-asked'

/** What a handler is given behind the request. */
type Host = readonly unknown[]

/** What `ip` says of it holds, as `NoInfer` does not of a list. */
type Uninferred<Host> = Host extends readonly unknown[] ? Host : never

/**
 * Options of `createHandler`. `Host` is what the handler is given behind the request, such as
 * Express' own request by `toNodeHandler`.
 */
export interface HandlerOptions<
  Channel extends string,
  Purpose extends string,
  Host extends readonly unknown[],
> {
  /** The address of who asks, as your own trusted proxy reported it; `null` shares one bucket. */
  readonly ip: (request: Request, ...host: Host) => string | null
  /**
   * The purposes that the public may ask for, each with the channels to choose from: without a
   * `channel` in the request the first that can reach the recipient is used.
   */
  readonly purposes: Readonly<Partial<Record<Purpose, readonly Channel[]>>>
  /**
   * Makes the answer to a success, such as a session cookie for `result.recipient`. It is called once
   * for each code, and the body of its request was read.
   */
  readonly verified: (
    result: Verified,
    request: Request,
    ...host: Uninferred<Host>
  ) => Response | Promise<Response>
  /**
   * Whether there is somebody to send to, such as an account for a log-in: else nothing is sent, and
   * the answer is the same, as it is where no provider takes the message. It is given the normalised
   * recipient. Give the manager `background` too, or the provider's time tells what the answer does not.
   *
   * @defaultValue everybody is sent to
   */
  account?(recipient: string, purpose: Purpose): boolean | Promise<boolean>
  /**
   * Whether who asks has just passed a challenge, such as a captcha whose token came in a header: asked
   * only where the manager's guard wants one, whose answer is 403 with `challenge-required`. A token must be good
   * once. The body of the request was read.
   *
   * @defaultValue nobody has
   */
  challenged?(request: Request, ...host: Uninferred<Host>): boolean | Promise<boolean>
  /**
   * Origins of other sites that may ask, such as `https://app.example.com`; they get the headers of
   * CORS. Your own needs no mention unless a proxy changes `Host`.
   *
   * @defaultValue none
   */
  readonly origins?: readonly string[]
}

/** Checked options: each purpose with its channels, and the named origins. */
export function checkOptions(given: HandlerOptions<string, string, readonly unknown[]>) {
  const { ip, purposes, verified, account, challenged, origins } = knownOptions(
    'createHandler',
    given,
    {
      ip: true,
      purposes: true,
      verified: true,
      account: true,
      challenged: true,
      origins: true,
    },
  )
  const needed = { ip, verified }
  for (const [name, value] of Object.entries({ ...needed, account, challenged })) {
    if (typeof value === 'function' || (value === undefined && !(name in needed))) continue
    throw wrongOption('createHandler', name, 'must be a function')
  }
  return { purposes: checkPurposes(purposes), origins: checkOrigins(origins) }
}

/**
 * What the options' functions answer, of the types that they must have: `account` without an answer would
 * send to everybody, and one that answers with the account would tell by an error who has one. What a
 * captcha's server said is no yes, however good.
 */
export function checkedAnswers({
  ip,
  account,
  verified,
  challenged,
}: HandlerOptions<string, string, Host>) {
  return {
    addressOf: (request: Request, host: Host): string | null => {
      const address: unknown = ip(request, ...host) ?? null
      if (address === null || typeof address === 'string') return address
      throw wrongOption('createHandler', 'ip', 'must return an address or null')
    },
    hasAccount: async (recipient: string, purpose: string): Promise<boolean> => {
      const has: unknown = account === undefined || (await account(recipient, purpose))
      if (typeof has === 'boolean') return has
      throw wrongOption('createHandler', 'account', 'must return true or false')
    },
    answerTo: async (result: Verified, request: Request, host: Host): Promise<Response> => {
      const answer: unknown = await verified(result, request, ...host)
      if (isNewResponse(answer)) return answer
      throw wrongOption('createHandler', 'verified', 'must return a new Response')
    },
    hasPassed: async (request: Request, host: Host): Promise<boolean> => {
      const has: unknown = (await challenged?.(request, ...host)) || false
      if (typeof has === 'boolean') return has
      throw wrongOption('createHandler', 'challenged', 'must return true or false')
    },
  }
}

function checkPurposes(purposes: unknown): PublicPurposes {
  const isObject = typeof purposes === 'object' && purposes !== null && !Array.isArray(purposes)
  const entries = isObject ? Object.entries(purposes) : []
  if (entries.length === 0) {
    const rule = "must hold the channels of each purpose, such as { login: ['sms'] }"
    throw wrongOption('createHandler', 'purposes', rule)
  }
  return new Map(
    entries.map(([name, channels]: [string, unknown]) => {
      if (!isTexts(channels) || channels.length === 0) {
        const path = shownPath(['purposes', name])
        throw wrongOption('createHandler', path, 'must be a list of channels')
      }
      return [name, [...channels]]
    }),
  )
}

function checkOrigins(origins: unknown): ReadonlySet<string> {
  if (origins === undefined) return new Set()
  const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text
  if (!isTexts(origins) || !origins.every(isOrigin)) {
    const rule = 'must be origins such as https://app.example.com, without a path'
    throw wrongOption('createHandler', 'origins', rule)
  }
  return new Set(origins)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string' && text !== '')
}
