/**
 * Tells a provider that the code of a message was used. Providers choose routes by it, and show it as
 * a conversion rate; the message itself must have been sent so that they count it.
 *
 * Told once at most, behind the answer of `verify`, and never for a message that was withheld. What
 * it throws becomes an event `fault` and changes nothing else.
 */
export interface Conversions {
  /** Whose messages it knows: the `provider` of an accepted message. */
  readonly provider: string
  /** Tells that the code in this message verified. */
  verified(messageId: string): Promise<void>
}
