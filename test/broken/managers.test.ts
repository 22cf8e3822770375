import { describe, expect, it } from 'vitest'
import { createFixture, noLimits, wrong } from '../fixture'

type Fixture = ReturnType<typeof createFixture>

/** Failures of a recipient as the events count them. */
function failures({ events }: Fixture): number[] {
  return events.flatMap((event) => (event.type === 'incorrect' ? [event.failures] : []))
}

// Two mistakes that no store and no limiter can make by itself: here the sound parts are put
// together wrongly, and the same scenario that a sound manager passes must tell.

async function failuresOutliveTheNextCode(fixture: Fixture): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const { code } = await fixture.receive()
    await fixture.verify(wrong(code))
  }
  expect(failures(fixture)).toEqual([1, 2, 3])
}

async function aSuccessForgivesItsOwnChallengeOnly(fixture: Fixture): Promise<void> {
  const attack = await fixture.receive()
  await fixture.otp.verify({
    challengeId: attack.sent.challengeId,
    purpose: 'login',
    code: wrong(attack.code),
    ip: null,
  })
  const login = await fixture.receive()
  const target = { challengeId: login.sent.challengeId, purpose: 'login', ip: null } as const
  expect(await fixture.otp.verify({ ...target, code: login.code })).toMatchObject({ ok: true })
  const next = await fixture.receive()
  await fixture.otp.verify({
    challengeId: next.sent.challengeId,
    purpose: 'login',
    code: wrong(next.code),
    ip: null,
  })
  expect(failures(fixture)).toEqual([1, 2])
}

/** The counter stands in the code's row: whatever stores a new code starts it anew. */
function countingInTheRow(): Fixture {
  const { store, rateLimiter } = createFixture()
  return createFixture({
    resend: 'new',
    limits: noLimits,
    rateLimiter,
    store: {
      ...store,
      put: async (challenge) => {
        await rateLimiter.clear([`f${challenge.id.slice(-22)}`])
        await store.put(challenge)
      },
    },
  })
}

/** Every success wipes the whole ledger. */
function resettingOnSuccess(): Fixture {
  const { store, rateLimiter } = createFixture()
  return createFixture({
    bind: 'challenge',
    limits: noLimits,
    rateLimiter,
    store: {
      ...store,
      attempt: async (id, digests) => {
        const result = await store.attempt(id, digests)
        if (result.outcome === 'verified') await rateLimiter.clear([`f${id.slice(-22)}`])
        return result
      },
    },
  })
}

describe('managers that are put together wrongly', () => {
  it('V17 a counter in the row of the code is caught', async () => {
    await failuresOutliveTheNextCode(createFixture({ resend: 'new', limits: noLimits }))
    await expect(failuresOutliveTheNextCode(countingInTheRow())).rejects.toThrow(/to deeply equal/)
  })

  it('S27 a ledger that a success wipes is caught', async () => {
    await aSuccessForgivesItsOwnChallengeOnly(
      createFixture({ bind: 'challenge', limits: noLimits }),
    )
    await expect(aSuccessForgivesItsOwnChallengeOnly(resettingOnSuccess())).rejects.toThrow(
      /to deeply equal/,
    )
  })
})
