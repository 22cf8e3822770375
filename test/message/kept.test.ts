import { describe, expect, it } from 'vitest'
import { createRenderer, type MessageOptions } from '../../src/message/render'
import { builtInTemplates } from '../../src/message/templates'

// A code with small letters is none of ours, and is rendered anew each time: what is written
// otherwise must be the same but for the size of letters.
const [ours, another, anew] = ['ABCDEFGHJK', '0123456789', 'abcdefghjk']
const channels = ['sms', 'whatsapp', 'voice', 'email', 'pigeon']
const locales = [...builtInTemplates.keys(), undefined, 'pt-AO', 'x', 'tlh']

const inEverySize = (value: unknown) => JSON.stringify(value).toUpperCase()

describe('a message that was written before, with another code, is as if written anew', () => {
  it.each<[string, Partial<MessageOptions>]>([
    ['built in', {}],
    ['with webOtp', { webOtp: 'example.com' }],
    ['with androidHash', { androidHash: 'FA+9qCX9VSu' }],
    [
      'with templates',
      {
        templates: {
          tlh: {
            text: '{code}{code}, {appName}\n\n{code}\n\n{minutes}{code}',
            subject: '{appName} {minutes}',
            html: '<b>{code}</b>{code}{code} {minutes} &amp; {appName}',
            spoken: '{code}{code}',
          },
          en: {
            purposes: { signup: { text: 'ABCDEX {code}\n\nabcdex\n\n{code}', subject: '{code}' } },
            channels: { sms: { text: `{code} ${'x'.repeat(150)} 😀{code}` } },
          },
        },
      },
    ],
  ])('%s', (_, options) => {
    for (const appName of ['Acme', '{code} & $& Sons', 'Ακμή']) {
      const render = createRenderer({ appName, ...options })
      for (const purpose of ['login', 'signup']) {
        for (const channel of channels) {
          for (const locale of locales) {
            for (const length of [6, 7, 8, 10]) {
              for (const expiresInMs of [60_000, 599_000]) {
                const facts = { channel, purpose, expiresInMs, ...(locale && { locale }) }
                const write = (code: string) => render({ ...facts, code: code.slice(0, length) })
                write(another)
                expect(inEverySize(write(ours))).toBe(inEverySize(write(anew)))
              }
            }
          }
        }
      }
    }
  })

  it('and no message keeps the code of another', () => {
    const render = createRenderer({ appName: 'Acme', webOtp: 'example.com' })
    for (const channel of channels) {
      const write = (code: string) =>
        JSON.stringify(render({ channel, purpose: 'login', code, expiresInMs: 300_000 }))
      write('111111')
      expect(write('222222')).not.toContain('1111')
      expect(write('222222')).not.toContain('1, 1')
    }
  })
})

describe('a code of others', () => {
  it.each(['<b>&"x', 'zażółć', '😀😀', '$&', 'a'.repeat(40)])('%s is written as it is', (code) => {
    const render = createRenderer({ appName: 'Acme' })
    const facts = { purpose: 'login', code, expiresInMs: 300_000 }
    const mail = render({ ...facts, channel: 'email' }).content
    expect(mail.text).toContain(code)
    expect(mail.html).not.toContain('<b>')
    expect(render({ ...facts, channel: 'sms' }).content.text).toContain(code)
  })
})
