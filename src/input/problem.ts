/**
 * Why a field of a request is refused. It names the fault and never the value.
 *
 * - `type`: not a primitive string.
 * - `empty`: nothing, or nothing that is seen.
 * - `too_long`: more characters than such a value can have.
 * - `too_short`: a phone number with too few digits.
 * - `control_character`: a control character that is no white space, or a line break in an address.
 * - `character`: a character that has no place there.
 * - `country_code_missing`: a phone number without `+` where no default country is configured.
 * - `number`: not a number of its country's plan, or an odd spelling of one.
 * - `country`: a phone number of a country that is not served.
 * - `number_type`: a phone number that cannot or must not receive codes.
 * - `syntax`: not an e-mail address of the plain form `name@domain`.
 * - `domain`: the domain of an e-mail address cannot receive mail from the internet.
 * - `length`: a code of fewer than 4 or more than 10 characters, or 12 of a relayed one.
 * - `unknown`: a purpose or a channel that is not configured.
 * - `channel`: a recipient that none of the channels asked for carries to.
 * - `ambiguous`: both a recipient and a handle.
 * - `mismatch`: a proof of another recipient than the one expected.
 */
export type Problem =
  | 'type'
  | 'empty'
  | 'too_long'
  | 'too_short'
  | 'control_character'
  | 'character'
  | 'country_code_missing'
  | 'number'
  | 'country'
  | 'number_type'
  | 'syntax'
  | 'domain'
  | 'length'
  | 'unknown'
  | 'channel'
  | 'ambiguous'
  | 'mismatch'

/** A refused value. */
export interface Unusable {
  readonly ok: false
  readonly problem: Problem
}

/** Says that a value is refused, and why. */
export function unusable(problem: Problem): Unusable {
  return { ok: false, problem }
}
