import { type Delivery, deliveryErrorKinds } from '../delivery'
import { checkClock } from '../internal/check-function'
import { encodeBase64 } from '../internal/encoding'
import { createMac } from '../internal/hmac'
import { knownOptions } from '../internal/known-options'
import { checkUrl } from '../internal/providers/check'
import { type Classification, classifyAnswer, rateLimited } from '../internal/providers/classify'
import { createHttpClient, type HttpOptions } from '../internal/providers/http'
import { checkReaches } from '../internal/providers/reach'
import { field, messageIdOf } from '../internal/providers/read'
import { decodeStandardSecret } from '../internal/webhooks/standard-secret'

const name = 'webhook'

/** Options of `webhook`. */
export interface WebhookOptions extends Omit<HttpOptions, 'baseUrl'> {
  /** Your endpoint: https, or http on this machine. */
  readonly url: string
  /** What signs the requests: `whsec_` and the base64 of 24 to 64 random bytes. */
  readonly secret: string
  /**
   * The kinds of recipient that your endpoint can reach.
   *
   * @defaultValue both
   */
  readonly reaches?: Delivery['reaches']
  /**
   * The present in epoch milliseconds, for tests.
   *
   * @defaultValue `Date.now`
   */
  readonly clock?: () => number
}

/**
 * Your own HTTP endpoint, which gets the whole message as JSON, signed as Standard Webhooks say, so
 * that any of their libraries verifies it. `webhook-id` is the message's `reference`: an endpoint
 * that has seen it before has the message already.
 *
 * It answers a message that it took with a 2xx status and `{ "messageId": "…" }`, and one that it
 * did not take with `{ "kind": …, "sent": … }` (a `DeliveryErrorKind`, and `no` or `unknown`). What it
 * reports later `webhookReceipts` reads.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.standardwebhooks.com}
 *
 * @example
 * ```ts
 * import { webhook } from 'otpkit/deliveries/webhook'
 *
 * export const sms = webhook({
 *   url: 'https://messages.example.com/otp',
 *   secret: process.env.WEBHOOK_SECRET ?? '',
 * })
 * ```
 */
export function webhook(given: WebhookOptions): Delivery {
  const options = knownOptions('webhook', given, {
    url: true,
    secret: true,
    reaches: true,
    clock: true,
    fetch: true,
    timeoutMs: true,
  })
  const { origin, pathname, search } = new URL(checkUrl('webhook', 'url', options.url))
  const mac = createMac(decodeStandardSecret('webhook', options.secret))
  const reaches = checkReaches('webhook', options.reaches)
  const clock = checkClock('webhook', options.clock) ?? Date.now
  const client = createHttpClient('webhook', name, origin, { ...options, baseUrl: origin })

  return {
    name,
    reaches,
    deliver: async (message, { signal } = {}) => {
      const { to, country, channel, code, purpose, locale, appName, expiresInMs } = message
      const { reference, content } = message
      const body = JSON.stringify({
        reference,
        to,
        country,
        channel,
        code,
        purpose,
        locale,
        appName,
        expiresInMs,
        content,
      })
      const timestamp = String(Math.floor(clock() / 1000))
      const signature = encodeBase64(mac.bytes(`${reference}.${timestamp}.${body}`))
      const answer = await client.post({
        path: `${pathname}${search}`,
        headers: {
          'content-type': 'application/json',
          'webhook-id': reference,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
        },
        body,
        signal,
      })
      const messageId = messageIdOf(field(answer.body, 'messageId'))
      const refusal = readRefusal(answer.body)
      if (answer.status < 300 && refusal === undefined && messageId !== undefined) {
        return { provider: name, messageId }
      }
      // An endpoint may leave it to whatever limits its requests to say that one was too many.
      const said = refusal ?? (answer.status === 429 ? rateLimited : undefined)
      throw client.failure(answer, classifyAnswer(answer.status, said))
    },
  }
}

function readRefusal(body: unknown): Classification | undefined {
  const kind = field(body, 'kind')
  if (typeof kind !== 'string') return undefined
  const known = deliveryErrorKinds.find((candidate) => candidate === kind)
  return [known ?? 'unknown', field(body, 'sent') === 'no' ? 'no' : 'unknown']
}
