import type { DeliveryErrorKind } from 'otpkit'
import type { ProviderBehaviour } from '../provider-server'

/** How the provider's side of a page behaves: over HTTP, by path or not, over SMTP, or it is not there. */
export type Answer =
  | ProviderBehaviour
  | ((path: string) => ProviderBehaviour)
  | 'nobody'
  | { readonly smtp: SmtpScript }

/** What the server says at each step, or that it breaks the connection or falls silent there. */
export type SmtpScript = Readonly<Record<string, string>>

/** One refusal, written by hand from the pages of the provider. */
export interface Provoked {
  readonly kind: DeliveryErrorKind
  readonly sent: 'no' | 'unknown'
  /** As it stands in the page's table. */
  readonly says: string
  readonly answer: Answer
  /** The page's block of code, counted from 0. */
  readonly block: number
  /** Where the block exports several. */
  readonly channel?: string
}

/** What a page is held against. */
export interface PageUnderTest {
  readonly name: string
  /** Where what the provider says was read. */
  readonly source: string
  /** The hosts of the provider that the blocks send to. */
  readonly hosts: readonly string[]
  readonly to: string
  /** What the provider answers to a message that it takes, by block. */
  readonly takes: readonly Answer[]
  readonly provoked: readonly Provoked[]
  /** The first column after `sent` holds no codes of the provider. */
  readonly withoutCodes?: true
}

/** What a refusal is, and whether something may have been sent all the same. */
export type Outcome = readonly [kind: DeliveryErrorKind, sent: 'no' | 'unknown']

/** Refusals of one outcome, each in the provider's envelope. */
export function refusals(
  [kind, sent]: Outcome,
  answer: (code: string) => Answer,
  codes: string,
  more: { readonly block?: number; readonly channel?: string; readonly says?: string } = {},
): Provoked[] {
  const { block = 0, says, ...rest } = more
  return codes
    .split(' ')
    .map((code) => ({ kind, sent, says: says ?? code, answer: answer(code), block, ...rest }))
}

/** What every provider over HTTP can do: not be there, and break the connection. */
export function unreached(block = 0): Provoked[] {
  return [
    { kind: 'unavailable', sent: 'no', says: '–', answer: 'nobody', block },
    { kind: 'unknown', sent: 'unknown', says: '–', answer: 'hang up', block },
  ]
}

export const no = (kind: DeliveryErrorKind) => [kind, 'no'] as const
export const maybe = (kind: DeliveryErrorKind) => [kind, 'unknown'] as const
