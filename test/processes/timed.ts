import { hrtime } from 'node:process'
import type { Moment } from './history'

/** A whole number from 0 to below this, from a seed. */
export type Below = (bound: number) => number

const lanes = 4

/** Works off so many calls, a few at a time. */
export async function inLanes<Call>(count: number, work: (index: number) => Promise<Call>) {
  const calls: Call[] = []
  let next = 0
  const lane = async () => {
    while (next < count) {
      next += 1
      calls.push(await work(next - 1))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return calls
}

export type Timed<Call> = Call & Pick<Moment, 'start' | 'end' | 'fault'>

/** What a call came to and when; without an outcome it rejected. */
export async function timed<Outcome>(work: () => Promise<Outcome>) {
  const start = now()
  try {
    const outcome = await work()
    return { start, end: now(), outcome }
  } catch (error) {
    return { start, end: now(), fault: String(error) }
  }
}

// The same clock in all processes of a machine.
function now(): number {
  return Number(hrtime.bigint()) / 1e6
}
