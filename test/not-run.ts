import { it } from 'vitest'

/**
 * A test in place of those that could not be run here. It fails where all are wanted, as in CI, and
 * tells elsewhere: nothing is skipped in silence.
 */
export function testNotRun(names: string, reason: string): void {
  it(`NOT RUN: ${names}, ${reason.split('\n')[0]}`, () => {
    if (process.env.CI) throw new Error(`${names} could not be run here. ${reason}`)
    console.warn(`NOT RUN: ${names}. ${reason}`)
  })
}
