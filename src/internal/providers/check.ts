import { textProblem } from '../secret'
import { wrongOption } from '../wrong-option'

/**
 * Checks a credential or another option that is a word: printable ASCII without spaces. The stray
 * line break of a copied key, or the quotes that a host keeps of a file, are refused here, by name, and
 * not later as a puzzling request error.
 */
export function checkText(factory: string, option: string, value: unknown): string {
  if (typeof value !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(value)) {
    throw wrongOption(factory, option, 'must be a non-empty string without spaces')
  }
  const problem = textProblem(value)
  if (problem !== undefined) throw wrongOption(factory, option, problem)
  return value
}

/** Checks the option `from` of an SMS: an alphanumeric sender may have spaces inside. */
export function checkSender(factory: string, value: unknown): string {
  if (typeof value !== 'string' || !/^[!-~]([ -~]{0,62}[!-~])?$/.test(value)) {
    const rule = 'must be a number in E.164, a short code or an alphanumeric sender'
    throw wrongOption(factory, 'from', rule)
  }
  return value
}

/** Checks an option that is an address: https, or http on this machine, and no password in it. */
export function checkUrl(factory: string, option: string, value: unknown): string {
  const parsable = typeof value === 'string' && /^\S+$/.test(value) && URL.canParse(value)
  const url = parsable ? new URL(value) : null
  const local = url !== null && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (url?.protocol !== 'https:' && !(local && url.protocol === 'http:')) {
    throw wrongOption(factory, option, 'must be an https address')
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw wrongOption(factory, option, 'must hold neither a password nor a fragment')
  }
  return String(value)
}

/** Checks the option `timeoutMs`: how long one call to a provider may take. */
export function checkTimeout(factory: string, value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > 600_000) {
    throw wrongOption(factory, 'timeoutMs', 'must be whole milliseconds, from 1 to 600000')
  }
  return value
}
