import { describe, expect, it } from 'vitest'
import { createRenderer, type MessageOptions } from '../../src/message/render'

const options: MessageOptions = { appName: 'Acme' }

/** What JavaScript callers may pass, whatever the types say. */
function create(more: Readonly<Record<string, unknown>>): unknown {
  return createRenderer(Object.assign({ ...options }, more))
}

function refusalOf(action: () => unknown): string {
  try {
    return `accepted: ${typeof action()}`
  } catch (error) {
    return String(error)
  }
}

describe('createRenderer', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['appName', { appName: undefined }],
    ['appName', { appName: 5 }],
    ['appName', { appName: '' }],
    ['appName', { appName: ' ' }],
    ['appName', { appName: 'A'.repeat(65) }],
    ['appName', { appName: 'Ac\nme' }],
    ['appName', { appName: 'Ac\r\nBcc: person@example.com' }],
    ['appName', { appName: 'Ac\u2028me' }],
    ['appName', { appName: 'Ac\u0000me' }],
    ['appName', { appName: 'Ac\u202eme' }],
    ['appName', { appName: 'Ac\ud83dme' }],
    ['appName', { appName: 'Ac\ufdd0me' }],
    ['appName', { appName: '<img src=x>' }],
    ['appName', { appName: '</Say><Dial>' }],
    ['messages.defaultLocale', { defaultLocale: 'en_US' }],
    ['messages.defaultLocale', { defaultLocale: 'sw' }],
    ['messages.defaultLocale', { defaultLocale: 5 }],
    ['messages.templates', { templates: 'Your code' }],
    ['messages.templates', { templates: ['Your code'] }],
    ['messages.templates', { templates: { 'pt-BR': {}, 'PT-br': {} } }],
    ['messages.templates.en_US', { templates: { en_US: { text: '{code}' } } }],
    ['messages.templates.en', { templates: { en: '{code}' } }],
    ['messages.templates.en', { templates: { en: { txet: '{code}' } } }],
    ['messages.templates.en.text', { templates: { en: { text: 5 } } }],
    ['messages.templates.en.text', { templates: { en: { text: undefined } } }],
    ['messages.templates.en.text', { templates: { en: { text: 'Welcome' } } }],
    ['messages.templates.en.text', { templates: { en: { text: '{code} for {name}' } } }],
    ['messages.templates.en.text', { templates: { en: { text: '{code} {{7*7}}' } } }],
    ['messages.templates.en.text', { templates: { en: { text: '{code} {minutes' } } }],
    ['messages.templates.en.text', { templates: { en: { text: '{ code } {code}' } } }],
    ['messages.templates.en.text', { templates: { en: { text: '{code}\r\nmore' } } }],
    ['messages.templates.en.text', { templates: { en: { text: '{code} \ufdef' } } }],
    ['messages.templates.en.html', { templates: { en: { html: '{code} \ufdd4' } } }],
    ['messages.templates.en.text', { templates: { en: { text: '{code}\u0000' } } }],
    ['messages.templates.en.autofillText', { templates: { en: { autofillText: 'Hello' } } }],
    ['messages.templates.en.subject', { templates: { en: { subject: 'Hi\nBcc: a' } } }],
    ['messages.templates.en.subject', { templates: { en: { subject: '{constructor}' } } }],
    ['messages.templates.en.html', { templates: { en: { html: '<p>Hello</p>' } } }],
    ['messages.templates.en.html', { templates: { en: { html: '{code}<p>{name}</p>' } } }],
    ['messages.templates.en.spoken', { templates: { en: { spoken: '<Say>{code}</Say>' } } }],
    ['messages.templates.en.spoken', { templates: { en: { spoken: '{code}\n{code}' } } }],
    [
      'messages.templates.en.purposes.login.channels.sms.text',
      { templates: { en: { purposes: { login: { channels: { sms: { text: 'x' } } } } } } },
    ],
    ['messages.webOtp', { webOtp: 'https://example.com' }],
    ['messages.webOtp', { webOtp: 'example.com:443' }],
    ['messages.webOtp', { webOtp: 'example.com/login' }],
    ['messages.webOtp', { webOtp: 'Example.com' }],
    ['messages.webOtp', { webOtp: 'münchen.example' }],
    ['messages.webOtp', { webOtp: 'example.com\n' }],
    ['messages.webOtp', { webOtp: 'example..com' }],
    ['messages.webOtp', { webOtp: '-example.com' }],
    ['messages.webOtp', { webOtp: 'example' }],
    ['messages.webOtp', { webOtp: `${'a.'.repeat(126)}aa` }],
    ['messages.androidHash', { androidHash: 'FA+9qCX9VS' }],
    ['messages.androidHash', { androidHash: 'FA+9qCX9VSuu' }],
    ['messages.androidHash', { androidHash: 'FA+9qCX9VS\n' }],
    ['messages.androidHash', { androidHash: 'FA+9qCX9VSu', webOtp: 'example.com' }],
    ['messages.androidHash', { androidHash: 'FA+9qCX9VSu', appName: 'अ'.repeat(60) }],
    ['messages', { footer: 'Sent by Acme' }],
  ])('S69 refuses a wrong `%s` (%#)', (option, more) => {
    expect(() => create(more)).toThrow(TypeError)
    expect(() => create(more)).toThrow(`otpkit: OtpManager: option \`${option}\` `)
  })

  it('never repeats what it refuses', () => {
    const canary = 'canary-4711'
    for (const more of [
      { appName: `<${canary}>` },
      { defaultLocale: `${canary}_` },
      { templates: { en: { text: canary } } },
      { templates: { en: { html: canary } } },
      { webOtp: `${canary}!` },
      { androidHash: canary.repeat(2) },
    ]) {
      const refusal = refusalOf(() => create(more))
      expect(refusal).toContain('otpkit: OtpManager: option')
      expect(refusal).not.toContain(canary)
    }
  })

  it('takes names that people really use', () => {
    for (const appName of ['AT&T', 'راه‌آهن', 'Čistá Voda', '楽天', "L'Étoile 24/7", 'O₂ 📱']) {
      expect(() => createRenderer({ appName })).not.toThrow()
    }
  })

  it('takes style sheets in HTML, whose braces are no variables', () => {
    const html = '<style>p { color: red }</style><p>{code}</p>'
    const render = createRenderer({ ...options, templates: { en: { html } } })
    const { content } = render({
      channel: 'email',
      purpose: 'login',
      code: '123456',
      expiresInMs: 60_000,
    })
    expect(content.html).toBe('<style>p { color: red }</style><p>123456</p>')
  })

  it('keeps its own copy of the options', () => {
    const templates = { en: { text: 'Code {code}' } }
    const render = createRenderer({ ...options, templates })
    templates.en.text = '{code} <changed>'
    const facts = { channel: 'sms', purpose: 'login', code: '123456', expiresInMs: 60_000 }
    expect(render(facts).content.text).toBe('Code 123456')
  })
})
