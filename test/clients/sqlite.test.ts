import { describe } from 'vitest'
import { testNotRun } from '../not-run'
import { installClients } from './installed'
import { testClients } from './kit'

const problem = await installClients()
describe('sqlite', async () => {
  if (problem !== undefined) return testNotRun('the clients of sqlite', problem)
  const { sqliteKinds } = await import('./sqlite-kinds')
  testClients(sqliteKinds)
})
