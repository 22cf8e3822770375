import { describe } from 'vitest'
import { testNotRun } from '../not-run'
import { installClients } from './installed'
import { testClients } from './kit'

const problem = await installClients()
describe('redis', async () => {
  if (problem !== undefined) return testNotRun('the clients of redis', problem)
  const { redisClientKinds } = await import('./redis-kinds')
  testClients(redisClientKinds)
})
