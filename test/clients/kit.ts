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
