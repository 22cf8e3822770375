/** A wrong option of an adapter. Says which, and never its value. */
export function wrongOption(factory: string, option: string, problem: string): TypeError {
  return new TypeError(`otpkit: ${factory}: option \`${option}\` ${problem}`)
}
