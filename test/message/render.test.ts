import { describe, expect, it } from 'vitest'
import { createRenderer, type MessageFacts, type MessageOptions } from '../../src/message/render'

const facts: MessageFacts = {
  channel: 'sms',
  purpose: 'login',
  code: '012345',
  expiresInMs: 300_000,
}

function render(options: Partial<MessageOptions> = {}, more: Partial<MessageFacts> = {}) {
  return createRenderer({ appName: 'Acme', ...options })({ ...facts, ...more })
}

describe('content by channel', () => {
  const text = '012345 is your Acme code. It expires in 5 min. Do not share it.'

  it('is text and its segments for sms', () => {
    expect(render()).toEqual({
      locale: 'en',
      content: { text },
      segments: { encoding: 'GSM-7', units: text.length, segments: 1 },
    })
  })

  it('is text for whatsapp and for channels of the operator’s own', () => {
    expect(render({}, { channel: 'whatsapp' })).toEqual({ locale: 'en', content: { text } })
    expect(render({}, { channel: 'carrier_pigeon' })).toEqual({ locale: 'en', content: { text } })
  })

  it('is text, subject and HTML for email', () => {
    const { content } = render({}, { channel: 'email' })
    expect(Object.keys(content)).toEqual(['text', 'subject', 'html'])
    expect(content.subject).toBe('012345 is your Acme code')
  })

  it('is the code apart and twice for voice, in the language of the locale', () => {
    const spoken = (locale: string) => render({}, { channel: 'voice', locale }).content.spoken
    expect(spoken('en')).toBe('Your Acme code is 0, 1, 2, 3, 4, 5. Again: 0, 1, 2, 3, 4, 5.')
    expect(spoken('de')).toBe(
      'Ihr Acme-Code lautet 0, 1, 2, 3, 4, 5. Noch einmal: 0, 1, 2, 3, 4, 5.',
    )
    expect(spoken('ar')).toBe('رمز تحقق Acme هو 0، 1، 2، 3، 4، 5. أكرر: 0، 1، 2، 3، 4، 5.')
  })
})

describe('minutes', () => {
  it.each([
    [0, '1'],
    [59_999, '1'],
    [60_000, '1'],
    [119_999, '1'],
    [120_000, '2'],
    [600_000, '10'],
  ])('of %d ms are %s', (expiresInMs, minutes) => {
    const { content } = render({ templates: { en: { text: '{code}|{minutes}' } } }, { expiresInMs })
    expect(content.text).toBe(`012345|${minutes}`)
  })
})

describe('locale', () => {
  it('is looked up, and falls back to the default', () => {
    expect(render({}, { locale: 'pt-AO' }).locale).toBe('pt')
    expect(render({}, { locale: 'sw' }).locale).toBe('en')
    expect(render({ defaultLocale: 'fa-IR' }, { locale: '__proto__' }).locale).toBe('fa')
  })

  it('may be added, with neutral texts for what is left out', () => {
    const templates = { 'sw-ke': { text: 'Nambari yako ya {appName}: {code}' } }
    const sms = render({ templates }, { locale: 'SW-KE' })
    expect(sms.locale).toBe('sw-KE')
    expect(sms.content.text).toBe('Nambari yako ya Acme: 012345')
    const mail = render({ templates }, { locale: 'sw-KE', channel: 'email' })
    expect(mail.content.subject).toBe('Acme: 012345')
  })
})

describe('templates', () => {
  const templates = {
    pt: { channels: { sms: { text: 'pt sms {code}' } } },
    'pt-BR': {
      subject: 'assunto {code}',
      purposes: {
        login: { text: 'login {code}', channels: { sms: { text: 'login sms {code}' } } },
        signup: { subject: 'signup' },
      },
    },
  }
  const text = (more: Partial<MessageFacts>) =>
    render({ templates }, { locale: 'pt-BR', ...more }).content.text

  it('apply from narrow to wide: purpose and channel, purpose, channel, locale', () => {
    expect(text({})).toBe('login sms 012345')
    expect(text({ channel: 'whatsapp' })).toBe('login 012345')
    expect(text({ purpose: 'signup' })).toBe('pt sms 012345')
    expect(text({ purpose: 'signup', channel: 'whatsapp' })).toMatch(/^Código Acme: 012345\./)
  })

  it('replace part by part', () => {
    const mail = (purpose: string) =>
      render({ templates }, { locale: 'pt-BR', channel: 'email', purpose }).content
    expect(mail('login').subject).toBe('assunto 012345')
    expect(mail('signup').subject).toBe('signup')
    expect(mail('signup').text).toMatch(/^O seu código Acme:/)
  })

  it('S66 are not found under names that every object has', () => {
    const templates = { en: { text: 'own {code}', channels: {}, purposes: {} } }
    const write = createRenderer({ appName: 'Acme', templates })
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    // What these names lead to has no texts, so that finding it would not show: here it has one.
    Object.defineProperty(Object.prototype, 'text', { value: 'not own', configurable: true })
    let texts: string[]
    try {
      texts = names.flatMap((name) =>
        [
          { purpose: name, channel: 'push' },
          { purpose: 'login', channel: name },
        ].map((more) => write({ ...facts, ...more }).content.text),
      )
    } finally {
      Reflect.deleteProperty(Object.prototype, 'text')
    }
    expect(new Set(texts)).toEqual(new Set(['own 012345']))
  })

  it('never take HTML from a wider template than the text', () => {
    const html = '<b>{code}</b>'
    const narrow = { en: { html, purposes: { login: { text: 'only for login: {code}' } } } }
    const mail = (purpose: string) =>
      render({ templates: narrow }, { channel: 'email', purpose }).content.html
    expect(mail('login')).toContain('only for login: 012345')
    expect(mail('signup')).toBe('<b>012345</b>')
  })

  it('fill in each variable once, so that a name which looks like one stays as it is', () => {
    const { content } = render({ appName: '{code}{minutes}' }, { channel: 'email' })
    expect(content.subject).toBe('012345 is your {code}{minutes} code')
  })
})

describe('autofill', () => {
  // As a phone reads it: https://wicg.github.io/sms-one-time-codes/#parsing
  const parse = (text: string) => /^@(\S+) #(\S+)$/.exec(text.split('\n').at(-1) ?? '')?.slice(1)

  it('S72 binds the code to the site in the last line of an SMS', () => {
    for (const locale of ['en', 'fa', 'hi']) {
      const { content } = render({ webOtp: 'accounts.example.com' }, { locale })
      expect(parse(content.text)).toEqual(['accounts.example.com', '012345'])
    }
  })

  it('ends an SMS in the hash of the application', () => {
    const { content } = render({ androidHash: 'FA+9qCX9VSu' }, { locale: 'fa' })
    expect(content.text).toBe('کد تایید Acme: 012345\nFA+9qCX9VSu')
  })

  it('changes no other channel', () => {
    for (const channel of ['whatsapp', 'voice', 'email']) {
      const content = JSON.stringify(render({ webOtp: 'example.com' }, { channel }).content)
      expect(content).not.toContain('@example.com')
    }
  })

  it('uses the operator’s text rather than a built-in autofillText', () => {
    const own = { fa: { text: 'کد: {code}' } }
    const { content } = render({ webOtp: 'example.com', templates: own }, { locale: 'fa' })
    expect(content.text).toBe('کد: 012345\n@example.com #012345')
  })
})
