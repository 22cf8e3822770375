/**
 * Checks a credential or another option that is a word: printable ASCII without spaces. The stray
 * line break of a copied key is refused here, by name, and not later as a puzzling request error.
 */
export function checkText(option: string, value: unknown): string {
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw new TypeError(`${option} must be a non-empty string without spaces`)
  }
  return value
}

/** Checks an option that is an address: https, or http on this machine, and no password in it. */
export function checkUrl(option: string, value: unknown): string {
  const parsable = typeof value === 'string' && /^\S+$/.test(value) && URL.canParse(value)
  const url = parsable ? new URL(value) : null
  const local = url !== null && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (url?.protocol !== 'https:' && !(local && url.protocol === 'http:')) {
    throw new TypeError(`${option} must be an https address`)
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new TypeError(`${option} must hold neither a password nor a fragment`)
  }
  return String(value)
}
