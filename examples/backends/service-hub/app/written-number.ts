import { z } from 'zod'
import type { ContactReader } from '../../accounts/contact'
import { requiredOr } from '../../accounts/fields'

/** A number, and how the request wrote it: the answer repeats that, so that a client finds it again. */
export interface WrittenNumber {
  readonly written: string
  readonly recipient: string
}

/** A phone number as people of Bangladesh write it, too. */
export const writtenNumber = (read: ContactReader, example: string) =>
  z
    .string({ error: requiredOr('Must be text') })
    .meta({ examples: [example] })
    .transform(async (typed, context): Promise<WrittenNumber> => {
      const number = await read(withWholeCountryCode(typed), 'phone')
      if (number.ok) return { written: typed.trim(), recipient: number.contact }
      context.addIssue(number.message)
      return z.NEVER
    })

/**
 * At home 01719159900, abroad +880 1719159900, and by mistake +801719159900: the document has it
 * like that. No country has the code +801, so nobody else's number can be meant.
 */
function withWholeCountryCode(typed: string): string {
  return typed.replace(/^\s*\+80(?=1[3-9]\d{8}\s*$)/, '+880')
}
