import { expect } from 'vitest'
import { findContradiction, findExceededWindow } from './checker'
import type { Histories, Moment } from './history'
import { cutProcess } from './manager-calls'
import { findUntimely, managerModel } from './manager-model'
import { limiterModel, storeModel } from './models'

/** Expects that these histories can be, and that they were worth checking. */
export function expectSound(histories: Histories, calls: number, requests: number): void {
  const { store, limiter, windows, manager } = histories
  expect([store.length, limiter.length, windows.length]).toEqual([4 * calls, 4 * calls, 4 * calls])
  expect(faultsOf([...store, ...limiter, ...windows])).toEqual([])
  expect(faultsOf(manager.filter(({ process }) => process !== cutProcess))).toEqual([])

  expect(findContradiction(store, storeModel)).toBeNull()
  expect(findContradiction(limiter, limiterModel)).toBeNull()
  expect(findExceededWindow(windows)).toBeNull()
  expect(findContradiction(manager, managerModel)).toBeNull()
  expect(findUntimely(manager)).toBeNull()

  const verified = store.filter(
    (call) => call.method === 'attempt' && call.outcome?.outcome === 'verified',
  )
  const taken = windows.filter((call) => call.method === 'take' && call.outcome?.ok === true)
  expect(verified.length).toBeGreaterThan(calls / 10)
  expect(taken.length).toBeGreaterThanOrEqual(10)

  const count = (start: string) =>
    manager.filter(({ outcome }) => String(outcome).startsWith(start)).length
  expect(count('verified')).toBeGreaterThan(requests / 40)
  expect(count('incorrect')).toBeGreaterThan(requests / 40)
  expect(count('used')).toBeGreaterThanOrEqual(1)
  expect(count('cooldown')).toBeGreaterThanOrEqual(1)
}

function faultsOf(calls: readonly Moment[]): string[] {
  return calls.flatMap(({ fault }) => (fault === undefined ? [] : [fault]))
}
