import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { testNotRun } from '../not-run'
import { installClients } from './installed'

const problem = await installClients()
describe('the types of the clients', () => {
  if (problem !== undefined) return testNotRun('the types of the clients', problem)
  it('fit those of the factories, without a cast', async () => {
    const compiler = 'node_modules/typescript/bin/tsc'
    const args = [compiler, '-p', 'test/clients/tsconfig.json', '--pretty', 'false']
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(Object)
    expect(stdout).toBe('')
  })
})
