import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** Holds that the matrix in the guide says of a runtime what was just seen. */
export function expectRow(name: string, tests: string, failover: string): void {
  expect(readFileSync('docs/runtimes.md', 'utf8')).toContain(`| ${name} | ${tests} | ${failover} |`)
}
