import { segments } from '../internal/segments'
import { readMessageOptions } from './check-options'
import { buildRenderer, type MessageOptions } from './render'
import { isTooLongForRetriever, smsSamples } from './samples'

/** Something wrong with an option of messages, or with an SMS made from it. */
export interface TemplateFinding {
  /** The path of the option, or the message, such as `sms in hi for login`. */
  readonly where: string
  /** What is wrong, as the rest of a sentence. */
  readonly problem: string
}

/** Which messages `lintTemplates` looks at. */
export interface LintOptions {
  /**
   * The locales in use.
   *
   * @defaultValue all that are built in, and all of `templates`
   */
  readonly locales?: readonly string[]
  /**
   * Characters in a code. Recipients with 5 unforgiven failures get two more.
   *
   * @defaultValue 6
   */
  readonly codeLength?: number
}

/**
 * Looks for wrong options and for SMS texts of more than one segment, for a test of one's own
 * templates in CI. Nothing found is an empty list.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { lintTemplates } from 'otpkit'
 *
 * const templates = { en: { text: '{appName}: {code} opens your booking for {minutes} min.' } }
 *
 * assert.deepStrictEqual(lintTemplates({ appName: 'Bus Bay', templates }), [])
 * ```
 */
export function lintTemplates(
  options: MessageOptions,
  { locales, codeLength = 6 }: LintOptions = {},
): readonly TemplateFinding[] {
  const checked = readMessageOptions(options)
  if ('problems' in checked) {
    return checked.problems.map(({ option, problem }) => ({ where: option, problem }))
  }
  const samples = smsSamples(
    buildRenderer(checked.options),
    checked.options,
    '0'.repeat(codeLength),
  )
  const used = samples.filter(({ locale }) => locales === undefined || locales.includes(locale))
  return used.flatMap((sample) => {
    const where = `sms in ${sample.locale}${sample.purpose === '' ? '' : ` for ${sample.purpose}`}`
    const { encoding, units, segments: count } = segments(sample.text)
    const findings: TemplateFinding[] = []
    if (count > 1) {
      findings.push({ where, problem: `takes ${count} segments: ${units} units of ${encoding}` })
    }
    if (checked.options.androidHash !== undefined && isTooLongForRetriever(sample)) {
      findings.push({ where, problem: 'takes more than the 140 bytes of SMS Retriever' })
    }
    return findings
  })
}
