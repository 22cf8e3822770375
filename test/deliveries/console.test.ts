import { consoleDelivery } from 'otpkit/deliveries/console'
import { deliveryConformance } from 'otpkit/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { expectNoSecrets, failureOf, testMessage } from './delivery-suite'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('S10 where it exists', () => {
  it.each(['development', 'test'])('NODE_ENV %s', (environment) => {
    vi.stubEnv('NODE_ENV', environment)
    expect(consoleDelivery().reaches).toEqual(['phone', 'email'])
  })

  it.each(['production', 'Test', 'dev', 'development ', '', undefined])(
    'not with NODE_ENV %j',
    (environment) => {
      vi.stubEnv('NODE_ENV', environment)
      expect(() => consoleDelivery()).toThrow(TypeError)
      expect(() => consoleDelivery()).toThrow(
        'otpkit: consoleDelivery needs NODE_ENV to be development or test',
      )
    },
  )

  it('not where there is no environment at all', () => {
    vi.stubGlobal('process', undefined)
    try {
      expect(() => consoleDelivery()).toThrow(TypeError)
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe('what it does', () => {
  it('prints recipient, channel, purpose and code', async () => {
    const lines: string[] = []
    const delivery = consoleDelivery({ write: (line) => lines.push(line) })
    const first = await delivery.deliver(testMessage())
    const second = await delivery.deliver(testMessage())
    expect(lines).toEqual(Array(2).fill('otpkit: sms to +919876543210 for login: 047382'))
    expect(first.provider).toBe('console')
    expect(first.messageId).not.toBe(second.messageId)
  })

  it('prints to the console unless told otherwise', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue()
    await consoleDelivery().deliver(testMessage())
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('047382'))
  })

  it('S11 an error of write is not passed on', async () => {
    const write = (line: string) => {
      throw new Error(line)
    }
    const error = await failureOf(consoleDelivery({ write }))
    expect(error).toMatchObject({ kind: 'unavailable', sent: 'unknown', provider: 'console' })
    expectNoSecrets(error, ['047382', '+919876543210'])
  })
})

describe('conformance', () => {
  const cases = deliveryConformance(async () => {
    let working = true
    let lines = 0
    const write = (line: string) => {
      if (!working) throw new Error(line)
      lines += 1
    }
    const stop = () => {
      working = false
    }
    return {
      delivery: consoleDelivery({ write }),
      delivered: () => lines,
      refuse: stop,
      disconnect: stop,
    }
  })
  for (const { name, run } of cases) it(name, run)
})
