/** JSON without a byte order mark, which the platform's own parsers pass over too. */
export function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/**
 * The very bytes of a request's body as text, or the status that refuses it: more than `mostBytes`,
 * or a client that went away in the middle.
 *
 * @throws `TypeError` when somebody read the body before.
 */
export async function readBody(
  factory: string,
  request: Request,
  mostBytes: number,
): Promise<string | 400 | 413> {
  if (request.bodyUsed) {
    throw new TypeError(`otpkit: ${factory}: the body of the request was read before`)
  }
  if (request.body === null) return ''
  if (Number(request.headers.get('content-length')) > mostBytes) return 413
  // A byte order mark is signed like any other character.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const reader = request.body.getReader()
  let size = 0
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return text + decoder.decode()
      size += value.byteLength
      if (size > mostBytes) {
        // Nothing waits for it: the answer is clear.
        reader.cancel().catch(() => undefined)
        return 413
      }
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    return 400
  }
}
