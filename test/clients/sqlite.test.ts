import { describe } from 'vitest'
import { installClients } from './installed'
import { testClients, testNotRun } from './kit'

const problem = await installClients()
describe('sqlite', async () => {
  if (problem !== undefined) return testNotRun('the clients of sqlite', problem)
  const { sqliteKinds } = await import('./sqlite-kinds')
  testClients(sqliteKinds)
})
