import type { PolicyLimit } from '../database'
import type { Schedule } from './database-schedule'

const minute = 60_000
/** The ledger as `settle` charges it. */
const charged: PolicyLimit = { key: 0, max: 100, windowMs: 10 * minute }

/** What the limits of a guess say, one call after another. */
export const databaseSettleSchedules: Readonly<Record<string, Schedule>> = {
  'settle: the first limit refuses as if the guess were charged to it': {
    policy: {
      limits: [
        { key: 0, max: 2, windowMs: 10_000 },
        { key: 1, max: 9, windowMs: minute },
      ],
    },
    keys: 'fV',
    steps: [
      { settle: { used: [1, 1], retryAfterMs: 0 }, at: 'challenge' },
      { settle: { used: [1, 2], retryAfterMs: 0 }, at: 'nothing' },
      { settle: { used: [2, 3], retryAfterMs: 0 }, at: 'challenge' },
      { advance: 1_000 },
      { settle: { refusedBy: 0, used: [2, 3], retryAfterMs: 9_000 }, at: 'nothing' },
      { settle: { refusedBy: 0, used: [2, 3], retryAfterMs: 9_000 }, at: 'challenge' },
      { advance: 9_000 },
      { settle: { used: [0, 4], retryAfterMs: 0 }, at: 'nothing' },
    ],
  },

  'settle: a limit applies from as many units as the first one had used before': {
    policy: {
      limits: [
        charged,
        { key: 1, max: 9, windowMs: minute },
        { key: 2, max: 1, windowMs: minute, from: 2 },
      ],
    },
    keys: 'fVm',
    steps: [
      { charge: 'f', times: 1 },
      { settle: { used: [1, 1, 1], retryAfterMs: 0 }, at: 'nothing' },
      { settle: { used: [2, 2, 2], retryAfterMs: 0 }, at: 'challenge' },
      { settle: { refusedBy: 2, used: [2, 2, 2], retryAfterMs: minute }, at: 'challenge' },
      { advance: minute },
      { settle: { used: [2, 1, 1], retryAfterMs: 0 }, at: 'nothing' },
    ],
  },

  'settle: max rises with the units of another log': {
    policy: {
      limits: [
        charged,
        { key: 1, max: 1, windowMs: minute, plus: { key: 2, times: 3, windowMs: minute } },
      ],
    },
    keys: 'fVW',
    steps: [
      { settle: { used: [0, 1], retryAfterMs: 0 }, at: 'nothing' },
      { settle: { refusedBy: 1, used: [0, 1], retryAfterMs: minute }, at: 'challenge' },
      { charge: 'W', times: 1 },
      { settle: { used: [1, 2], retryAfterMs: 0 }, at: 'challenge' },
      { settle: { used: [1, 3], retryAfterMs: 0 }, at: 'nothing' },
      { settle: { used: [2, 4], retryAfterMs: 0 }, at: 'challenge' },
      { settle: { refusedBy: 1, used: [2, 4], retryAfterMs: minute }, at: 'nothing' },
    ],
  },

  "settle: windows over the first limit's key are charged with it, once": {
    policy: {
      limits: [
        charged,
        { key: 0, max: 2, windowMs: minute },
        { key: 1, max: 9, windowMs: minute },
        { key: 1, max: 4, windowMs: 1_000 },
      ],
    },
    keys: 'fV',
    steps: [
      { settle: { used: [1, 1, 1, 1], retryAfterMs: 0 }, at: 'challenge' },
      { settle: { used: [1, 1, 2, 2], retryAfterMs: 0 }, at: 'nothing' },
      { settle: { used: [2, 2, 3, 3], retryAfterMs: 0 }, at: 'challenge' },
      { settle: { refusedBy: 1, used: [2, 2, 3, 3], retryAfterMs: minute }, at: 'nothing' },
      { advance: minute },
      { settle: { used: [3, 1, 1, 1], retryAfterMs: 0 }, at: 'challenge' },
    ],
  },

  'settle: of several limits that refuse the one with the longest wait is named': {
    policy: {
      limits: [
        { key: 0, max: 1, windowMs: 5_000 },
        { key: 1, max: 1, windowMs: 1_000 },
        { key: 2, max: 1, windowMs: 9_000 },
      ],
    },
    keys: 'fVW',
    steps: [
      { settle: { used: [1, 1, 1], retryAfterMs: 0 }, at: 'challenge' },
      { settle: { refusedBy: 2, used: [1, 1, 1], retryAfterMs: 9_000 }, at: 'nothing' },
      { advance: 9_000 },
      { charge: 'f', times: 1 },
      { charge: 'V', times: 1 },
      { settle: { refusedBy: 0, used: [1, 1, 0], retryAfterMs: 5_000 }, at: 'challenge' },
      { advance: 5_000 },
      { settle: { used: [0, 1, 1], retryAfterMs: 0 }, at: 'nothing' },
    ],
  },
}
