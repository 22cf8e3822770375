import { describe, expect, it } from 'vitest'
import { testNotRun } from '../not-run'
import { installClients } from './installed'

const problem = await installClients()
describe('a client that is none', async () => {
  if (problem !== undefined) return testNotRun('the clients that are refused', problem)
  const { openStrangers } = await import('./strangers')
  for (const { name, factory, client, told } of await openStrangers()) {
    it(`of ${name} is refused by ${factory.name}, which says what to give`, () => {
      const create = () => Reflect.apply(factory, undefined, [client])
      expect(create).toThrow(TypeError)
      expect(create).toThrow(told)
      expect(create).toThrow(new RegExp(`^otpkit: ${factory.name}: option \`(client|database)\` `))
    })
  }
})
