import type { OtpMessage } from 'otpkit'
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
  const printed = async (changes: Partial<OtpMessage> = {}) => {
    const texts: string[] = []
    const delivery = consoleDelivery({ write: (text) => texts.push(text) })
    await delivery.deliver(testMessage(changes))
    expect(texts.length).toBe(1)
    return (texts[0] ?? '').split('\n')
  }

  it('waits for a `write` that takes its time, and fails with it', async () => {
    const write = async () => Promise.reject(new Error('047382 could not be written'))
    const failed = consoleDelivery({ write }).deliver(testMessage())
    await expect(failed).rejects.toMatchObject({ kind: 'unavailable', sent: 'unknown' })
  })

  it('prints the code, and the message as it would be sent', async () => {
    expect(await printed()).toEqual([
      'otpkit: sms to +919876543210 for login: 047382',
      '  en, 1 segment (UCS-2, 50 units)',
      '  047382 is your Acme & Co code. Naïve + <b>100%</b>',
    ])
  })

  it('counts the segments of an SMS as the provider will', async () => {
    for (const [text, cost] of [
      ['a'.repeat(160), '1 segment (GSM-7, 160 units)'],
      ['a'.repeat(161), '2 segments (GSM-7, 161 units)'],
      ['ک'.repeat(135), '3 segments (UCS-2, 135 units)'],
    ] as const) {
      expect((await printed({ content: { text } }))[1]).toBe(`  en, ${cost}`)
    }
  })

  it('leaves words that are read from the right alone on their lines', async () => {
    const text = 'کد شما: 047382\n\n@acme.example #047382'
    expect((await printed({ locale: 'fa', content: { text } })).slice(1)).toEqual([
      '  fa, 1 segment (UCS-2, 37 units)',
      '  کد شما: 047382',
      '',
      '  @acme.example #047382',
    ])
  })

  it('prints nothing wider than the message but what it must', async () => {
    const narrow = (await printed({ content: { text: 'x' } })).filter((line) => line.length > 48)
    expect(narrow).toEqual([])
  })

  it('prints the subject of a mail, and what a call says', async () => {
    const content = { text: 'Your code is 047382.', subject: '047382 is your code', html: '<p>' }
    const to = 'person@example.com'
    expect((await printed({ to, channel: 'email', content })).slice(1)).toEqual([
      '  en, with an HTML part',
      '  047382 is your code',
      '',
      '  Your code is 047382.',
    ])
    const spoken = 'Your code is 0, 4, 7, 3, 8, 2.'
    const call = await printed({ channel: 'voice', content: { text: 'x', spoken } })
    expect(call.slice(1)).toEqual(['  en', `  ${spoken}`])
  })

  it('gives every message another id', async () => {
    const delivery = consoleDelivery({ write: () => {} })
    const first = await delivery.deliver(testMessage())
    expect(first.provider).toBe('console')
    expect((await delivery.deliver(testMessage())).messageId).not.toBe(first.messageId)
  })

  it('prints to the console unless told otherwise, apart from what else is printed there', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue()
    await consoleDelivery().deliver(testMessage())
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^\n\S.*047382\n.*\n$/s))
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
