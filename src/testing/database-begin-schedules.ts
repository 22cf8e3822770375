import type { PolicyLimit } from '../database'
import type { Schedule } from './database-schedule'

const minute = 60_000
/** The ledger as `begin` looks at it. */
const seen: PolicyLimit = { key: 0, max: 100, windowMs: 10 * minute, cost: 0 }

/** What the limits of a message say, one call after another. */
export const databaseBeginSchedules: Readonly<Record<string, Schedule>> = {
  'begin: a limit of cost 0 that refuses does so once it is full, and charges nothing': {
    policy: {
      limits: [
        { key: 0, max: 3, windowMs: 10_000, cost: 0, refuses: true },
        { key: 1, max: 9, windowMs: minute },
      ],
    },
    keys: 'fm',
    steps: [
      { charge: 'f', times: 1 },
      { advance: 1_000 },
      { charge: 'f', times: 1 },
      { begin: { used: [2, 1], retryAfterMs: 0 } },
      { charge: 'f', times: 1 },
      { begin: { refusedBy: 0, used: [3, 1], retryAfterMs: 9_000 } },
      { charge: 'f', times: 1 },
      { begin: { refusedBy: 0, used: [4, 1], retryAfterMs: 10_000 } },
      { advance: 9_999 },
      { begin: { refusedBy: 0, used: [3, 1], retryAfterMs: 1 } },
      { advance: 1 },
      { begin: { used: [0, 2], retryAfterMs: 0 } },
    ],
  },

  'begin: a limit of cost 0 that does not refuse counts for the wait alone': {
    policy: {
      limits: [
        { key: 0, max: 2, windowMs: 10_000, cost: 0 },
        { key: 1, max: 9, windowMs: minute },
      ],
    },
    keys: 'fm',
    steps: [
      { charge: 'f', times: 2 },
      { advance: 4_000 },
      { begin: { used: [2, 1], retryAfterMs: 6_000 } },
      { charge: 'f', times: 1 },
      { begin: { used: [3, 2], retryAfterMs: 6_000 } },
      { advance: 6_000 },
      { begin: { used: [1, 3], retryAfterMs: 0 } },
    ],
  },

  'begin: a limit applies from as many units as the first one had used before': {
    policy: {
      limits: [
        { key: 0, max: 100, windowMs: minute },
        { key: 1, max: 9, windowMs: minute },
        { key: 1, max: 1, windowMs: minute, from: 2 },
      ],
    },
    keys: 'fm',
    steps: [
      { begin: { used: [1, 1, 1], retryAfterMs: 0 } },
      { begin: { used: [2, 2, 2], retryAfterMs: 0 } },
      { begin: { refusedBy: 2, used: [2, 2, 2], retryAfterMs: minute } },
      { advance: minute },
      { begin: { used: [1, 1, 1], retryAfterMs: 0 } },
      { charge: 'f', times: 1 },
      { advance: minute - 1 },
      { begin: { refusedBy: 2, used: [2, 1, 1], retryAfterMs: 1 } },
    ],
  },

  'what was charged before a limit applied counts once it does': {
    policy: {
      limits: [
        seen,
        { key: 1, max: 9, windowMs: 1_000 },
        { key: 1, max: 2, windowMs: minute, from: 1 },
      ],
    },
    keys: 'fm',
    steps: [
      { begin: { used: [0, 1, 1], retryAfterMs: 0 } },
      { advance: 1_000 },
      { begin: { used: [0, 1, 2], retryAfterMs: 0 } },
      { advance: 1_000 },
      { charge: 'f', times: 1 },
      { begin: { refusedBy: 2, used: [1, 0, 2], retryAfterMs: 58_000 } },
      { advance: 58_000 },
      { begin: { used: [1, 1, 2], retryAfterMs: 1_000 } },
    ],
  },

  'begin: max rises with the units of another log': {
    policy: {
      limits: [
        seen,
        { key: 1, max: 1, windowMs: 10_000, plus: { key: 2, times: 2, windowMs: 5_000 } },
        { key: 3, max: 2, windowMs: minute, plus: { key: 4, times: 1, windowMs: minute } },
      ],
    },
    keys: 'fmgVW',
    steps: [
      { begin: { used: [0, 1, 1], retryAfterMs: 10_000 } },
      { begin: { refusedBy: 1, used: [0, 1, 1], retryAfterMs: 10_000 } },
      { charge: 'g', times: 1 },
      { begin: { used: [0, 2, 2], retryAfterMs: minute } },
      { begin: { refusedBy: 2, used: [0, 2, 2], retryAfterMs: minute } },
      { charge: 'W', times: 1 },
      { begin: { used: [0, 3, 3], retryAfterMs: minute } },
      { advance: 5_000 },
      { charge: 'W', times: 9 },
      { begin: { refusedBy: 1, used: [0, 3, 3], retryAfterMs: 5_000 } },
      { charge: 'g', times: 3 },
      { begin: { used: [0, 4, 4], retryAfterMs: 0 } },
    ],
  },

  'begin: max rises by parts of a unit, of which whole ones count': {
    policy: {
      limits: [
        seen,
        { key: 1, max: 1, windowMs: minute, plus: { key: 2, times: 1 / 3, windowMs: minute } },
      ],
    },
    keys: 'fmg',
    steps: [
      { begin: { used: [0, 1], retryAfterMs: minute } },
      { charge: 'g', times: 2 },
      { begin: { refusedBy: 1, used: [0, 1], retryAfterMs: minute } },
      { charge: 'g', times: 1 },
      { begin: { used: [0, 2], retryAfterMs: minute } },
    ],
  },

  'begin: each key costs what the call says, once, and 1 where it says nothing': {
    policy: {
      limits: [
        seen,
        { key: 1, max: 9, windowMs: minute },
        { key: 2, max: 100, windowMs: minute },
        { key: 2, max: 128, windowMs: 2 * minute },
      ],
    },
    keys: 'fmV',
    steps: [
      { begin: { used: [0, 1, 40, 40], retryAfterMs: 0 }, costs: [1, 1, 40] },
      { begin: { used: [0, 3, 80, 80], retryAfterMs: minute }, costs: [1, 2, 40] },
      { begin: { refusedBy: 2, used: [0, 3, 80, 80], retryAfterMs: minute }, costs: [1, 1, 25] },
      { begin: { used: [0, 4, 81, 81], retryAfterMs: 0 }, costs: [1] },
      { begin: { used: [0, 5, 82, 82], retryAfterMs: 0 } },
      { advance: minute },
      {
        begin: { refusedBy: 3, used: [0, 0, 0, 82], retryAfterMs: minute },
        costs: [1, 1, 47],
      },
      { begin: { used: [0, 1, 46, 128], retryAfterMs: minute }, costs: [1, 1, 46] },
    ],
  },

  'begin: limits with one key are windows over one log': {
    policy: {
      limits: [
        seen,
        { key: 1, max: 1, windowMs: 30_000 },
        { key: 1, max: 3, windowMs: 120_000 },
        { key: 1, max: 5, windowMs: 3_600_000 },
      ],
    },
    keys: 'fm',
    steps: [
      { begin: { used: [0, 1, 1, 1], retryAfterMs: 30_000 } },
      { advance: 29_999 },
      { begin: { refusedBy: 1, used: [0, 1, 1, 1], retryAfterMs: 1 } },
      { advance: 1 },
      { begin: { used: [0, 1, 2, 2], retryAfterMs: 30_000 } },
      { advance: 30_000 },
      { begin: { used: [0, 1, 3, 3], retryAfterMs: 60_000 } },
      { advance: 30_000 },
      { begin: { refusedBy: 2, used: [0, 0, 3, 3], retryAfterMs: 30_000 } },
    ],
  },

  'begin: of several limits that refuse the one with the longest wait is named': {
    policy: {
      limits: [
        { key: 0, max: 1, windowMs: 5_000, cost: 0, refuses: true },
        { key: 1, max: 1, windowMs: 1_000 },
        { key: 2, max: 1, windowMs: 9_000 },
      ],
    },
    keys: 'fmV',
    steps: [
      { charge: 'm', times: 1 },
      { advance: 200 },
      { begin: { refusedBy: 1, used: [0, 1, 0], retryAfterMs: 800 } },
      { charge: 'f', times: 1 },
      { begin: { refusedBy: 0, used: [1, 1, 0], retryAfterMs: 5_000 } },
      { charge: 'V', times: 1 },
      { begin: { refusedBy: 2, used: [1, 1, 1], retryAfterMs: 9_000 } },
      { advance: 5_000 },
      { begin: { refusedBy: 2, used: [0, 0, 1], retryAfterMs: 4_000 } },
      { advance: 4_000 },
      { begin: { used: [0, 1, 1], retryAfterMs: 9_000 } },
    ],
  },
}
