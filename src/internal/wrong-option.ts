/** A wrong option of an adapter. Says which, and never its value. */
export function wrongOption(factory: string, option: string, problem: string): TypeError {
  return new TypeError(`otpkit: ${factory}: option \`${option}\` ${problem}`)
}

/** A wrong option of the manager. Says which, and never its value. */
export function wrongManagerOption(option: string, problem: string): TypeError {
  return new TypeError(`otpkit: option \`${option}\` ${problem}`)
}
