import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { testNotRun } from '../not-run'
import { openPostgres } from '../stores/sql-databases'
import { installRuntimes } from './build'

const installed = await installRuntimes()

async function runKits(folder: string) {
  const { connectionString, schema, close } = await openPostgres()
  try {
    const bun = join(folder, '.bin', 'bun')
    const script = join(import.meta.dirname, 'bun-clients.ts')
    const { stdout } = await promisify(execFile)(bun, [script, connectionString, schema])
    const outcomes: Record<string, { cases: number; failed: string[] }> = JSON.parse(stdout)
    return outcomes
  } finally {
    await close()
  }
}

if ('problem' in installed) testNotRun('the clients of Bun', installed.problem)
else {
  const { folder } = installed
  it('the kit passes over bun:sqlite and Bun.SQL', async () => {
    const outcomes = await runKits(folder)
    expect(Object.keys(outcomes)).toEqual(['bun:sqlite', 'Bun.SQL'])
    for (const { cases, failed } of Object.values(outcomes)) {
      expect(failed).toEqual([])
      expect(cases).toBeGreaterThan(150)
    }
  })
}
