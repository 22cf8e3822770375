import vectors from '../data/supabase-hooks.json' with { type: 'json' }
import { url } from './hosts'

type Signed = { readonly id: string; readonly signature: string }

/** A hook as Supabase Auth asks for it, signed by the official package of Standard Webhooks. */
export function supabaseRequest(
  body: string,
  { id, signature }: Signed,
  more: Readonly<Record<string, string>> = {},
): Request {
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': vectors.timestamp,
    'webhook-signature': signature,
    ...more,
  }
  return new Request(url, { method: 'POST', body, headers })
}

/**
 * One call of the hook by Supabase Auth, as its `hookshttp.go` and `hookserrors.go` make it: up to three
 * tries, after a lost connection and after 429 or 503 with `Retry-After`; and what its client is told.
 */
export async function invokeHook(
  post: (request: Request) => Promise<Response>,
): Promise<{ readonly status: number; readonly message: string; readonly tries: number }> {
  let tries = 0
  for (const signed of vectors.tries) {
    tries += 1
    const answer = await post(supabaseRequest(vectors.hooks.signIn.body, signed)).catch(() => null)
    if (answer === null) continue
    const isRetried = answer.status === 429 || answer.status === 503
    if (isRetried && answer.headers.get('retry-after') !== null) continue
    if (![200, 202, 204].includes(answer.status)) break
    if (answer.headers.get('content-type') !== 'application/json') break
    const { error } = await answer.json()
    if (error?.message) return { status: error.http_code ?? 500, message: error.message, tries }
    return { status: 200, message: '', tries }
  }
  return { status: 500, message: 'of Supabase', tries }
}
