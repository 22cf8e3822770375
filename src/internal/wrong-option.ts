import { nearest } from './near'

/** A wrong option of a factory. Says which, and never its value. */
export function wrongOption(factory: string, option: string, problem: string): TypeError {
  return new TypeError(`otpkit: ${factory}: option \`${option}\` ${problem}`)
}

/** A wrong option of the manager. Says which, and never its value. */
export function wrongManagerOption(option: string, problem: string): TypeError {
  return wrongOption('OtpManager', option, problem)
}

/** An option that a factory does not have, with the one that is probably meant. */
export function unknownOption(
  factory: string,
  path: readonly string[],
  name: string,
  known: readonly string[],
): TypeError {
  const meant = nearest(name, known)
  const guess = meant === undefined ? '' : `: did you mean \`${[...path, meant].join('.')}\`?`
  return wrongOption(factory, shownPath([...path, name]), `is not known${guess}`)
}

/**
 * The path of an option as far as its members look like names. What does not could be a value, put in
 * its place by mistake.
 */
export function shownPath(path: readonly string[]): string {
  const odd = path.findIndex((member) => !isName(member))
  const shown = odd === -1 ? path : path.slice(0, odd)
  return shown.length === 0 ? 'options' : shown.join('.')
}

/** Whether a member looks like a name, as locales, channels and positions in a list do too. */
export function isName(member: string): boolean {
  return /^[A-Za-z]?[\w-]{0,39}$/.test(member) && !/\d{4}/.test(member)
}
