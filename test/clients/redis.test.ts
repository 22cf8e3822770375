import { describe } from 'vitest'
import { installClients } from './installed'
import { testClients, testNotRun } from './kit'

const problem = await installClients()
describe('redis', async () => {
  if (problem !== undefined) return testNotRun('the clients of redis', problem)
  const { redisClientKinds } = await import('./redis-kinds')
  testClients(redisClientKinds)
})
