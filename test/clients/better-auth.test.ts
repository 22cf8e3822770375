import { describe } from 'vitest'
import { testNotRun } from '../not-run'
import { installClients } from './installed'

const problem = await installClients()
describe('behind better-auth', async () => {
  if (problem !== undefined) return testNotRun('better-auth', problem)
  const { testBetterAuth } = await import('./better-auth-cases')
  testBetterAuth()
})
