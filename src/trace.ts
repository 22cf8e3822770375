/** The pieces of work that a trace hears of. A `deliver` lies within a `send`, `resend` or `relay`. */
export type TraceName =
  | 'otpkit.send'
  | 'otpkit.resend'
  | 'otpkit.relay'
  | 'otpkit.deliver'
  | 'otpkit.verify'

/**
 * What is known of a piece of work: few values each, and none of a code, a recipient, a handle or a
 * message's id.
 */
export type TraceAttributes = Readonly<Record<string, string>>

/**
 * Surrounds each piece of a manager's work, as a span does. The least is
 * `(name, attributes, run) => run()`.
 *
 * `run` does the work and gives its result. What it is given hears, before the work ends, what came of
 * it: `otpkit.outcome`, or `error.type` where it is an error. A trace changes no answer: the work is
 * done once whether `run` is called or not, and what a trace throws or rejects with is a `fault`.
 */
export type Trace = <Result>(
  name: TraceName,
  attributes: TraceAttributes,
  run: (add?: (attributes: TraceAttributes) => void) => Promise<Result>,
) => Promise<Result>
