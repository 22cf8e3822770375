import type { WebhookRequest } from '../../receipt'
import { encodeBase64 } from '../encoding'
import { equal } from '../equal'
import { header } from './request'
import { type FreshnessOptions, freshness, hmac } from './signature'

/**
 * A check of what Standard Webhooks sign, lately enough: the id, the time and the very body. Svix, where
 * the scheme comes from, has another `prefix` of the three headers.
 *
 * @see {@link https://www.standardwebhooks.com}
 */
export function standardSignature(
  factory: string,
  key: Uint8Array,
  options: FreshnessOptions,
  prefix: 'webhook' | 'svix' = 'webhook',
): (request: Pick<WebhookRequest, 'headers' | 'body'>) => Promise<boolean> {
  const sign = hmac('SHA-256', key)
  const isFresh = freshness(factory, options)

  return async (request) => {
    const id = header(request, `${prefix}-id`)
    const timestamp = header(request, `${prefix}-timestamp`)
    // While a secret is being replaced, there is a signature under each of the two. Supabase writes a
    // comma between them.
    const signatures = header(request, `${prefix}-signature`)?.split(/,? /) ?? []
    if (id === undefined || timestamp === undefined) return false
    const expected = `v1,${encodeBase64(await sign(`${id}.${timestamp}.${request.body}`))}`
    return signatures.some((signature) => equal(expected, signature)) && isFresh(timestamp)
  }
}
