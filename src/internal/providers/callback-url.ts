/**
 * The address of a message's reports, with its reference, for providers that return none in the
 * report itself. It is in the URL that they sign.
 */
export function withReference(url: string, reference: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}reference=${encodeURIComponent(reference)}`
}
