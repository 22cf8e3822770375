import { databaseConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { ClientKind, OpenedClient } from './kinds'

/** Runs the kit over each of these clients. */
export function testClients(kinds: readonly ClientKind[]): void {
  for (const { name, open } of kinds) {
    describe(`over ${name}`, () => {
      const clock = testClock()
      let opened: OpenedClient
      beforeAll(async () => {
        opened = await open()
      })
      afterAll(() => opened?.close())
      // Cases use names of their own: what one leaves behind is nothing to the next.
      const cases = databaseConformance(async () => ({
        database: opened.database(clock.now),
        advance: clock.advance,
      }))
      for (const { name: about, run } of cases) it(about, run)
    })
  }
}

/**
 * A test in place of those that could not be run here. It fails where the whole matrix is wanted, as
 * in CI, and tells elsewhere: nothing is skipped in silence.
 */
export function testNotRun(names: string, reason: string): void {
  it(`${names} NOT RUN: ${reason.split('\n')[0]}`, () => {
    if (process.env.CI) throw new Error(`${names} could not be run here. ${reason}`)
    console.warn(`NOT RUN: ${names}. ${reason}`)
  })
}
