import { describe } from 'vitest'
import { testNotRun } from '../not-run'
import { installClients } from './installed'
import { testClients } from './kit'

const problem = await installClients()
describe('postgres', async () => {
  if (problem !== undefined) return testNotRun('the clients of postgres', problem)
  const { postgresKinds } = await import('./postgres-kinds')
  testClients(postgresKinds)
})
