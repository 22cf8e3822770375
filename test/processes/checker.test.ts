import type { AttemptOutcome } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { findContradiction, findExceededWindow } from './checker'
import type { LimiterCall, Moment, StoreCall } from './history'
import { limiterModel, storeModel } from './models'

const challenge = { id: 'c', digest: 'right', attempts: 2, ttlMs: 60_000, data: '' }
const state = { data: '', remainingMs: 60_000 }
const verified: AttemptOutcome = { outcome: 'verified', attemptsUsed: 1, ...state }
const incorrect: AttemptOutcome = { outcome: 'incorrect', attemptsLeft: 1, ...state }
const used: AttemptOutcome = { outcome: 'used' }
const gone: AttemptOutcome = { outcome: 'gone' }

function at<Call>(start: number, end: number, call: Call): Call & Moment {
  return { process: 0, about: 'one', start, end, ...call }
}

const put = at<StoreCall>(0, 1, { method: 'put', challenge, outcome: 'done' })

function attempt(start: number, end: number, outcome?: AttemptOutcome, digest = 'right') {
  const digests = [digest]
  return at<StoreCall>(start, end, {
    method: 'attempt',
    digests,
    ...(outcome !== undefined && { outcome }),
  })
}

function take(start: number, end: number, used: number, ok = true) {
  const limits = [{ key: 'k', max: 2, windowMs: 100 }]
  const outcome = ok
    ? ({ ok, charge: `${start}`, used: [used], retryAfterMs: 0 } as const)
    : ({ ok, index: 0, used: [used], retryAfterMs: 1 } as const)
  return at<LimiterCall>(start, end, { method: 'take', limits, outcome })
}

describe('the checker of histories', () => {
  it('finds the order that agrees, whoever answered first', () => {
    const calls = [attempt(2, 9, verified), attempt(3, 8, gone), attempt(4, 5, used), put]
    expect(findContradiction(calls, storeModel)).toBeNull()
  })

  it.each([
    ['a second success', [put, attempt(2, 9, verified), attempt(3, 8, verified)]],
    ['a success before the put', [attempt(-2, -1, verified), put]],
    ['a code that is gone and comes back', [put, attempt(2, 3, gone), attempt(4, 5, verified)]],
    ['a used code that nobody had verified', [put, attempt(2, 3, used)]],
    [
      'a used code that is compared without end',
      [put, attempt(2, 3, verified), attempt(4, 5, used), attempt(6, 7, used)],
    ],
    ['a lost charge', [put, attempt(2, 3, incorrect, 'wrong'), attempt(4, 5, incorrect, 'wrong')]],
  ])('rejects %s', (_, calls) => {
    expect(findContradiction(calls, storeModel)).toBe(
      `one: no order of its ${calls.length} calls agrees`,
    )
  })

  it('lets a call that was never answered have happened late, or not at all', () => {
    expect(findContradiction([put, attempt(2, 3), attempt(4, 5, verified)], storeModel)).toBeNull()
    expect(findContradiction([put, attempt(2, 3), attempt(4, 5, used)], storeModel)).toBeNull()
    const both = [put, attempt(2, 3), attempt(4, 5, used), attempt(6, 7, verified)]
    expect(findContradiction(both, storeModel)).not.toBeNull()
  })

  it('rejects units that were forgotten, and room that was not there', () => {
    const refund: LimiterCall = { method: 'refund', keys: ['k'], charge: '0', outcome: 'done' }
    const sound = [take(0, 1, 1), take(2, 3, 2), take(4, 5, 2, false), at(6, 7, refund)]
    expect(findContradiction([...sound, take(8, 9, 2)], limiterModel)).toBeNull()
    expect(findContradiction([...sound, take(8, 9, 1)], limiterModel)).not.toBeNull()
    expect(findContradiction([take(0, 1, 1), take(2, 3, 1)], limiterModel)).not.toBeNull()
    expect(findContradiction([take(0, 1, 0, false)], limiterModel)).not.toBeNull()
  })

  it('rejects a window that was certainly exceeded, wherever it lies', () => {
    expect(findExceededWindow([take(0, 9, 1), take(10, 19, 2), take(60, 98, 1)])).toBe(
      'one: 3 of 2 within 100 ms',
    )
    expect(findExceededWindow([take(0, 9, 1), take(10, 19, 2), take(60, 110, 1)])).toBeNull()
    const refused = take(50, 51, 2, false)
    expect(findExceededWindow([take(0, 9, 1), refused, take(10, 19, 2)])).toBeNull()
  })
})
