import type { Alarm, VitalName, Vitals } from './data'

/** How much of its size a difference must have that is no chance. */
const deviations = 3
/** More messages than usual are told of from so many on: few are soon twice as few. */
const leastMany = 20
/** Shares that fell by less are nobody's worry. */
const leastFall = 0.1
const leastSlowerMs = 10_000
/** A median of fewer says little. */
const leastVerified = 10

/**
 * The first number that is out of its band, given the same hour of other days. Bands are around the
 * lowest and the highest of those, so that a Sunday is compared with a Sunday too:
 *
 * - messages: below half of the lowest and three standard deviations under it (that of a count is
 *   its root); above twice the highest, three deviations over it, and 20;
 * - delivered and verified: lower than the lowest by 10 points and by three standard deviations of a
 *   share of so many messages;
 * - median: twice the highest, and 10 seconds more, of ten verifications or more.
 *
 * Without an hour to compare with nothing is out of a band.
 */
export function alarmOf(now: Vitals, others: readonly (Vitals | null)[]): Alarm | null {
  const known = others.filter((vitals) => vitals !== null)
  return (
    ofMessages(now, known) ??
    ofShare('delivered', now, known) ??
    ofShare('verified', now, known) ??
    ofMedian(now, known)
  )
}

function ofMessages({ messages }: Vitals, known: readonly Vitals[]): Alarm | null {
  const usual = valuesOf('messages', known)
  if (usual.length === 0) return null
  const [lowest, highest] = [Math.min(...usual), Math.max(...usual)]
  const low = Math.min(lowest / 2, lowest - deviations * Math.sqrt(lowest))
  const high = Math.max(highest * 2, highest + deviations * Math.sqrt(highest), leastMany)
  if (messages < low) return alarm('messages', true, messages, usual)
  return messages > high ? alarm('messages', false, messages, usual) : null
}

function ofShare(
  what: 'delivered' | 'verified',
  now: Vitals,
  known: readonly Vitals[],
): Alarm | null {
  const { [what]: share, messages } = now
  const usual = valuesOf(what, known)
  if (share === null || messages === 0 || usual.length === 0) return null
  const lowest = Math.min(...usual)
  const spread = Math.sqrt((clamp(lowest) * (1 - clamp(lowest))) / messages)
  const low = lowest - Math.max(leastFall, deviations * spread)
  return share < low ? alarm(what, true, share, usual) : null
}

function ofMedian(now: Vitals, known: readonly Vitals[]): Alarm | null {
  const { medianMs, messages, verified } = now
  const usual = valuesOf('medianMs', known)
  if (medianMs === null || usual.length === 0) return null
  if (messages * (verified ?? 0) < leastVerified) return null
  const highest = Math.max(...usual)
  const high = Math.max(highest * 2, highest + leastSlowerMs)
  return medianMs > high ? alarm('medianMs', false, medianMs, usual) : null
}

function valuesOf(what: VitalName, known: readonly Vitals[]): readonly number[] {
  return known.flatMap(({ [what]: value }) => (value === null ? [] : [value]))
}

/** A share of which some deviation can be expected: of none and of all there would be none. */
const clamp = (share: number): number => Math.min(0.99, Math.max(0.01, share))

const words: Readonly<Record<VitalName, readonly [low: string, high: string]>> = {
  messages: ['Messages fell to', 'Messages rose to'],
  delivered: ['Delivered messages fell to', 'Delivered messages rose to'],
  verified: ['Verified codes fell to', 'Verified codes rose to'],
  medianMs: ['The time to verify fell to', 'The time to verify rose to'],
}

function alarm(
  what: VitalName,
  isTooLow: boolean,
  value: number,
  others: readonly number[],
): Alarm {
  const usual = others.reduce((sum, other) => sum + other, 0) / others.length
  const verb = words[what][isTooLow ? 0 : 1]
  const sentence = `${verb} ${said(what, value)} in the last hour, from ${said(what, usual)} at this hour.`
  return { what, isTooLow, value, usual, sentence }
}

function said(what: VitalName, value: number): string {
  if (what === 'messages') return String(Math.round(value))
  return what === 'medianMs' ? `${Math.round(value / 1_000)} s` : `${Math.round(value * 100)} %`
}
