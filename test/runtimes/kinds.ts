import type { Task } from './entry'
import { type Answer, type Host, runEdge, runJest, runProgram, runWorker } from './run'

/** A runtime, what it is to do, and in what it differs from Node. */
export interface RuntimeKind {
  readonly name: string
  /** Folder in `test/runtimes/node_modules`. */
  readonly package: string
  readonly suites: Task['suites']
  /** Tests that cannot pass there, and why is said beside them. */
  readonly differences?: RegExp
  /** Factories that it refuses to make. */
  readonly refuses?: readonly string[]
  run(host: Host, task: Task): Promise<Answer>
}

// The jobs of the CI run every test on Node.
const onNode = ['standard', 'signatures', 'providers', 'databases'] as const

const node = (version: number): RuntimeKind => ({
  name: `Node ${version}`,
  package: `node${version}`,
  suites: onNode,
  run: (host, task) => runProgram(host, task, `node${version}/bin/node`),
})

export const runtimeKinds: readonly RuntimeKind[] = [
  node(20),
  node(22),
  node(24),
  {
    name: 'Bun',
    package: 'bun',
    suites: [...onNode, 'races'],
    run: (host, task) => runProgram(host, task, 'bun/bin/bun.exe', 'run'),
  },
  {
    name: 'Deno',
    package: 'deno',
    suites: onNode,
    // Deno asks again, once, when a kept connection closes before the answer.
    differences: /faults > .* \[1\]/,
    run: (host, task) =>
      runProgram(host, task, 'deno/deno', 'run', '--allow-all', '--node-modules-dir=manual'),
  },
  {
    name: 'Jest, CommonJS',
    package: 'jest',
    suites: onNode,
    run: (host, task) => runJest(host, task, 'cjs'),
  },
  {
    name: 'Jest, modules',
    package: 'jest',
    suites: ['standard', 'signatures'],
    run: (host, task) => runJest(host, task, 'esm'),
  },
  {
    name: 'workerd',
    package: 'miniflare',
    suites: ['standard', 'races'],
    // No environment, so no development mode; and two tests use globals of Node.
    differences: /NODE_ENV|Buffer is not defined|setImmediate is not defined/,
    refuses: ['consoleDelivery'],
    run: (host, task) => runWorker(host, task),
  },
  {
    name: 'workerd with nodejs_compat',
    package: 'miniflare',
    suites: ['standard', 'signatures', 'databases'],
    // Its `createCipheriv` seals no empty text, which the library never does.
    differences: /sealed data of another make > opens to nothing: Error: Authentication failed/,
    run: (host, task) => runWorker(host, task, 'nodejs_compat'),
  },
  {
    name: 'Edge runtime of Next.js',
    package: 'edge-runtime',
    suites: ['standard'],
    // Two tests use globals of Node.
    differences: /Buffer is not defined|setImmediate is not defined/,
    run: runEdge,
  },
]
