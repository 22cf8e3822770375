import { mergeConfig } from 'vitest/config'
import base from './vitest.config'

/** What `npm run mutation` runs against every change: the tests of the core that need no server. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], globalSetup: [] } },
  {
    test: {
      include: [
        'test/core/**/*.test.ts',
        'test/input/**/*.test.ts',
        'test/databases/memory.test.ts',
        'test/stores/memory.test.ts',
        'test/rate-limiters/memory.test.ts',
        'test/internal/{crypto,hmac}.test.ts',
        'test/events.test.ts',
        'test/{hostile,throwing}-requests.test.ts',
        'test/option-errors.test.ts',
        'test/prices.test.ts',
      ],
      // Months of simulated traffic, two million codes, or the same tests once more: too slow for
      // thousands of runs.
      exclude: [
        'test/core/{lock-out,simulation,one-database}.test.ts',
        'test/input/code-uniformity.test.ts',
      ],
      // Tests are run again by their names, which hold the seed: with another one none would be found.
      // A part of the random numbers is enough for one change.
      env: { OTPKIT_SEED: '1', OTPKIT_PART: '0.05' },
    },
  },
)
