import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { describeFault, jsonLog, shortLog } from './log'

describe('what the log says of a fault', () => {
  it('S83 S84 is errors and their causes without personal data, in one line', () => {
    const message = 'no row for <test@example.com>\n+919876543210'
    const cause = Object.assign(new Error(message), { code: 'E42' })
    const fault = describeFault(new TypeError('98765 43210 is "+919876543210"', { cause }))
    expect(fault).toMatchObject({
      name: 'TypeError',
      message: '[number] is "[number]"',
      cause: { name: 'Error', code: 'E42', message: 'no row for [address]\n[number]' },
    })
    expect(JSON.stringify(fault)).not.toContain('\n')
    expect(JSON.stringify(fault)).toContain('log.test.ts')
  })

  it.each([
    ['a phone number without spaces', 'tel 919876543210.'],
    ['a phone number with its country', '(+98) 912-345-6789'],
    ['a phone number with brackets', '(0)20 7946 0958'],
    ['a code', 'code 493021'],
    ['an address', 'to asha.rao+bus@mail.example.com, please'],
    ['an address in quotes', '"asha"@example.com'],
  ])('S83 never holds %s', (_what, message) => {
    const { message: shown } = describeFault(new Error(message))
    expect(shown).toMatch(/\[(number|address)\]/)
    expect(shown).not.toMatch(/\d{3}|asha|rao/)
  })

  it('S83 of what is no error is its kind alone', () => {
    expect(describeFault('+919876543210')).toEqual({ name: 'string' })
    expect(describeFault({ phone: '+919876543210' })).toEqual({ name: 'object' })
    expect(describeFault(undefined)).toEqual({ name: 'undefined' })
  })

  it('keeps the code of a driver, and where it was', () => {
    const { code, at } = describeFault(Object.assign(new Error('duplicate key'), { code: '23505' }))
    expect(code).toBe('23505')
    expect(at).toEqual(expect.arrayContaining([expect.stringMatching(/^at .+log\.test\.ts/)]))
    expect(describeFault(Object.assign(new Error('planted'), { code: 42 }))).not.toHaveProperty(
      'code',
    )
  })

  it('ends, however long the message and the chain of causes', () => {
    const endless = new Error('a'.repeat(1000))
    endless.cause = endless
    const text = JSON.stringify(describeFault(endless))
    expect(text.match(/"name":"Error"/g)).toHaveLength(6)
    expect(text.match(/a{300}/g)).toHaveLength(6)
    expect(text).not.toMatch(/a{301}/)
  })
})

describe('the log', () => {
  it('S84 has one line of JSON for an entry: stderr for what somebody should look at', () => {
    const printed = { log: vi.spyOn(console, 'log'), error: vi.spyOn(console, 'error') }
    onTestFinished(() => {
      for (const spy of Object.values(printed)) spy.mockRestore()
    })
    for (const spy of Object.values(printed)) spy.mockImplementation(() => {})
    jsonLog({ level: 'info', event: 'a\r\nb' })
    jsonLog({ level: 'warning' })
    jsonLog({ level: 'error' })
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    const lines = ({ mock }: typeof printed.log) => mock.calls.map(([line]) => String(line))
    expect(lines(printed.log).join()).not.toMatch(/[\r\n]/)
    expect(lines(printed.log).map((line) => JSON.parse(line))).toEqual([
      { time, level: 'info', event: 'a\r\nb' },
    ])
    expect(lines(printed.error).map((line) => JSON.parse(line))).toEqual([
      { time, level: 'warning' },
      { time, level: 'error' },
    ])
  })

  it('in development has a short line for a request, and none for the files of a page', () => {
    const printed = { log: vi.spyOn(console, 'log'), error: vi.spyOn(console, 'error') }
    onTestFinished(() => {
      for (const spy of Object.values(printed)) spy.mockRestore()
    })
    for (const spy of Object.values(printed)) spy.mockImplementation(() => {})
    const request = { level: 'info', requestId: '1', method: 'GET', status: 200, durationMs: 3 }
    shortLog({ ...request, route: '/operators/:id' })
    shortLog({ ...request, route: '/assets/page.js' })
    shortLog({ level: 'info', event: 'migrated' })
    shortLog({ level: 'error', event: 'otp_fault' })
    expect(printed.log.mock.calls).toEqual([
      ['GET /operators/:id 200 3 ms'],
      [expect.stringMatching(/^\{.*"event":"migrated"\}$/)],
    ])
    expect(printed.error.mock.calls).toEqual([[expect.stringContaining('"otp_fault"')]])
  })
})
