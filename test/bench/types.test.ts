import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { installPackages } from '../clients/installed'
import { testNotRun } from '../not-run'

const problem = await installPackages('bench')
describe('the types of the benchmark', () => {
  if (problem !== undefined) return testNotRun('the types of the benchmark', problem)
  it('fit those of the library and its peers', async () => {
    const compiler = 'node_modules/typescript/bin/tsc'
    const args = [compiler, '-p', 'bench/tsconfig.json', '--pretty', 'false']
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(Object)
    expect(stdout).toBe('')
  })
})
