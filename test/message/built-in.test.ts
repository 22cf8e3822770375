import { describe, expect, it } from 'vitest'
import { createRenderer, type MessageOptions } from '../../src/message/render'
import { builtInTemplates } from '../../src/message/templates'

const locales = [...builtInTemplates.keys()]
const appName = 'Twenty Letters Intl.'
const longest = { purpose: 'login', expiresInMs: 600_000 }

function smsWith(options: Omit<MessageOptions, 'appName'>, locale: string, code: string) {
  return createRenderer({ appName, ...options })({ ...longest, channel: 'sms', locale, code })
}

describe('built-in texts', () => {
  it('cover at least the languages that were promised', () => {
    const promised = ['ar', 'bn', 'de', 'en', 'es', 'fa', 'fr', 'hi', 'id', 'pt', 'tr', 'ur']
    expect(locales).toEqual(expect.arrayContaining(promised))
    expect(appName).toHaveLength(20)
  })

  it.each(locales)('are one segment in %s, at 6 and at 8 digits', (locale) => {
    expect(smsWith({}, locale, '123456').segments?.segments).toBe(1)
    expect(smsWith({}, locale, '12345678').segments?.segments).toBe(1)
  })

  it.each(locales)('are one segment in %s with an autofill line too', (locale) => {
    for (const line of [{ webOtp: 'auth.example.com' }, { androidHash: 'FA+9qCX9VSu' }]) {
      expect(smsWith(line, locale, '123456').segments?.segments).toBe(1)
    }
  })

  it.each(locales)('stay within the 140 bytes of SMS Retriever in %s', (locale) => {
    const { text } = smsWith({ androidHash: 'FA+9qCX9VSu' }, locale, '123456').content
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(140)
  })

  it.each(locales)('say in %s whose code it is, on every channel', (locale) => {
    const render = createRenderer({ appName })
    for (const channel of ['sms', 'whatsapp', 'voice', 'email']) {
      const { content } = render({ ...longest, channel, locale, code: '123456' })
      for (const part of Object.values(content)) expect(part).toContain(appName)
      expect(content.text).toContain('10')
    }
    const mail = render({ ...longest, channel: 'email', locale, code: '123456' })
    expect(mail.content.subject).toContain('123456')
  })

  it('read like this', async () => {
    const render = createRenderer({ appName: 'Acme' })
    const autofill = createRenderer({ appName: 'Acme', webOtp: 'example.com' })
    const written = locales.map((locale) => {
      const facts = { purpose: 'login', locale, code: '123456', expiresInMs: 300_000 }
      const sms = render({ ...facts, channel: 'sms' }).content.text
      const filled = autofill({ ...facts, channel: 'sms' }).content.text
      const { spoken } = render({ ...facts, channel: 'voice' }).content
      const { subject, text } = render({ ...facts, channel: 'email' }).content
      const parts = { sms, 'sms with autofill': filled, voice: spoken, subject, email: text }
      return Object.entries({ locale, ...parts })
        .map(([name, part]) => `${name}:\n${part}`)
        .join('\n\n')
    })
    await expect(`${written.join('\n\n------\n\n')}\n`).toMatchFileSnapshot(
      '../data/built-in-texts.txt',
    )
  })
})
