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
  return wrongOption(factory, [...path, name].join('.'), `is not known${guess}`)
}
