import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url))

// Where nothing is known of an earlier run, vitest begins with the largest files. These are small and
// take minutes, so that all other workers would wait for them in the end.
const longest = [
  'test/clients/postgres.test.ts',
  'test/runtimes/runtimes.test.ts',
  'test/guard/simulation.test.ts',
  'test/databases/redis-processes.test.ts',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((path) => moduleId.endsWith(path))
      return found === -1 ? longest.length : found
    }
    return (await super.sort(files)).sort((one, other) => place(one) - place(other))
  }
}

export default defineConfig({
  resolve: {
    alias: [
      { find: /^otpkit$/, replacement: source('index.ts') },
      { find: /^otpkit\/(testing|http|dashboard)$/, replacement: source('$1/index.ts') },
      { find: /^otpkit\/(.+)$/, replacement: source('$1.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    globalSetup: ['test/servers/global-setup.ts'],
    // By default one core is left idle, which on two is half of the machine.
    maxWorkers: '100%',
    // What never comes is told by who waits for it, with what is missing. These end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'html'],
    },
  },
})
