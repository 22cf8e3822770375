import { equal } from '../equal'
import { wrongOption } from '../wrong-option'

/**
 * A check of the header `authorization`, as `Bearer` and the secret, or the secret alone. It is all that
 * keeps strangers out, so it is long.
 */
export function sharedSecret(
  factory: string,
  secret: unknown,
): (webhook: { readonly headers: Headers }) => Promise<boolean> {
  if (typeof secret !== 'string' || !/^[\x21-\x7e]{32,}$/.test(secret)) {
    throw wrongOption(factory, 'secret', 'must be 32 or more characters without spaces')
  }
  return async ({ headers }) =>
    equal(secret, (headers.get('authorization') ?? '').replace(/^Bearer /i, ''))
}
