import { EventEmitter } from 'node:events'
import { Redis } from 'ioredis'
import { redis } from 'otpkit/databases/redis'
import { describe, expect, it } from 'vitest'
import { forgiving } from '../../src/testing/database-forgiveness-cases'
import {
  messaging,
  newBeginning,
  newPerson,
  newSubmission,
} from '../../src/testing/database-samples'
import { opaque } from '../../src/testing/random'
import { startRedis } from '../servers/redis'
import { connectIoRedis, connectNodeRedis } from '../servers/redis-clients'

const kinds = [
  { name: 'node-redis', connect: (url: string) => connectNodeRedis(url) },
  { name: 'ioredis', connect: (url: string) => connectIoRedis(url) },
]

describe.each(kinds)('round trips of redis on $name', ({ connect }) => {
  it('one command for every begin and every settle, whatever it comes to', async () => {
    const server = await startRedis()
    const { client, close } = await connect(server.url)
    const watcher = new Redis(server.url)
    const monitor = await watcher.monitor()
    watcher.disconnect()
    const seen = new EventEmitter<{ command: [name: string, first: string] }>()
    monitor.on('monitor', (_time: string, [name = '', first = '']: string[], source: string) => {
      // What scripts call is no round trip.
      if (source !== 'lua') seen.emit('command', name.toLowerCase(), first)
    })

    /** The commands that a call sends. */
    async function sentBy(call: () => Promise<unknown>): Promise<readonly string[]> {
      const sent: string[] = []
      const end = opaque()
      const ended = new Promise<void>((resolve) => {
        seen.on('command', (name, first) => {
          if (first === end) resolve()
          else sent.push(name)
        })
      })
      await call()
      await client.echo(end)
      await ended
      seen.removeAllListeners()
      return sent
    }

    const database = redis(client)
    const person = newPerson()
    const challenge = person.challenge({ attempts: 9 })
    const again = newBeginning(person, person.challenge({ id: challenge.id }))
    const keys = [person.key('f'), 'vAddress', person.key('o')]
    const guess = (overrides: object) =>
      newSubmission(person, challenge, { policy: forgiving, keys, ...overrides })
    const right = guess({})
    const bounded = { ...messaging, mostUsed: 0 }
    const outcomes = new Set<string>()
    const begin = (beginning: typeof again) => async () => {
      const { taken, standing, put } = await database.begin(beginning)
      outcomes.add(taken.ok ? (put ? 'put' : standing ? 'standing' : 'kept') : 'begin refused')
    }
    const settle = (submission: typeof right) => async () => {
      const { taken, attempt } = await database.settle(submission)
      outcomes.add(taken.ok ? (attempt?.outcome ?? '') : 'settle refused')
    }
    // The server learns each script, once for each policy and number of digests.
    await begin(newBeginning(newPerson(), newPerson().challenge()))()
    await begin(newBeginning(newPerson(), newPerson().challenge(), { policy: bounded }))()
    const stranger = newPerson()
    for (const digests of [[opaque()], [opaque(), opaque()]]) {
      const challenge = stranger.challenge()
      await settle(newSubmission(stranger, challenge, { policy: forgiving, keys, digests }))()
    }
    outcomes.clear()
    // All of that has been seen.
    await sentBy(async () => {})

    const calls = [
      settle(guess({})),
      begin(newBeginning(person, challenge)),
      settle(guess({ digests: [opaque()] })),
      begin(again),
      settle(guess({ digests: [opaque(), opaque()] })),
      begin(newBeginning(person, again.challenge, { replaces: challenge.digest, policy: bounded })),
      begin(again),
      settle(guess({ mostUsed: 0 })),
      settle(right),
      settle(right),
      settle(guess({})),
      begin(again),
    ]
    for (const call of calls) expect(await sentBy(call)).toEqual(['evalsha'])
    const full = { key: 'vAddress', max: 100, windowMs: 60_000, cost: 30 }
    await sentBy(() => database.take([full]))
    expect(await sentBy(settle(guess({})))).toEqual(['evalsha'])
    expect([...outcomes].sort()).toEqual([
      ...['begin refused', 'gone', 'incorrect', 'kept', 'put', 'settle refused'],
      ...['standing', 'used', 'verified'],
    ])
    monitor.disconnect()
    await close()
    await server.stop()
  })
})
