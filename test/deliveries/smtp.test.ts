import nodemailer from 'nodemailer'
import { smtpEmail } from 'otpkit/deliveries/smtp'
import { deliveryConformance } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { hostileInputs } from '../data/hostile'
import { expectNoSecrets, failureOf } from './delivery-suite'
import { emailMessage, expectWrongOption } from './samples'
import { startSmtpServer, transportTo } from './smtp-provider'

const from = 'Acme <otp@acme.example>'

/** What the server was told of the recipients. */
function recipientsIn(commands: readonly string[]): string[] {
  return commands.filter((command) => command.toUpperCase().startsWith('RCPT'))
}

describe('the mail', () => {
  it('S71 goes to one recipient, in an envelope of its own', async () => {
    const server = await startSmtpServer()
    const email = smtpEmail({ transport: transportTo(server.port), from })
    const receipt = await email.deliver(emailMessage())
    expect(receipt).toEqual({
      provider: 'smtp',
      messageId: '<otp.abcdefghijklmnopqrstuv@acme.example>',
    })
    expect(server.commands).toContain('MAIL FROM:<otp@acme.example>')
    expect(recipientsIn(server.commands)).toEqual(['RCPT TO:<person@example.com>'])
    await server.close()
  })

  it('has the code in its subject, a text and an HTML part, and the headers of a code', async () => {
    const server = await startSmtpServer()
    const transport = transportTo(server.port)
    const email = smtpEmail({ transport, from, origin: 'https://Acme.example:443/login' })
    await email.deliver(emailMessage())
    const mail = server.mails[0] ?? ''
    const header = (mail.split('\n\n')[0] ?? mail).replace(/\r/g, '')
    expect(header).toMatch(/^From: Acme <otp@acme\.example>$/m)
    expect(header).toMatch(/^To: person@example\.com$/m)
    expect(header).toMatch(/^Subject: 047382 is your Acme & Co code$/m)
    expect(header).toMatch(/^Message-ID: <otp\.abcdefghijklmnopqrstuv@acme\.example>$/m)
    expect(header).toMatch(/^Auto-Submitted: auto-generated$/m)
    expect(header).toMatch(/^X-Auto-Response-Suppress: All$/m)
    expect(header.match(/^OTP-Token: .*$/gm)).toEqual([
      'OTP-Token: "047382"; origin="https://acme.example"',
    ])
    const text = mail.indexOf('Content-Type: text/plain')
    const html = mail.indexOf('Content-Type: text/html')
    expect(mail).toContain('Content-Type: multipart/alternative')
    expect(text).toBeGreaterThan(0)
    expect(html).toBeGreaterThan(text)
    expect(mail.slice(text, html)).toContain('047382 is your Acme & Co code.')
    expect(mail.slice(html)).toContain('<b>047382</b>')
    await server.close()
  })

  it('is plain text without HTML, and named after the application without a subject', async () => {
    const server = await startSmtpServer()
    const email = smtpEmail({ transport: transportTo(server.port), from: 'otp@acme.example' })
    await email.deliver(emailMessage({ content: { text: '۴۸۲۹۱۳ کد شماست' } }))
    const mail = server.mails[0] ?? ''
    expect(mail).toContain('Subject: Acme & Co')
    expect(mail).not.toContain('multipart')
    expect(mail).not.toContain('OTP-Token')
    await server.close()
  })

  it('goes through a pool as well', async () => {
    const server = await startSmtpServer()
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: server.port,
      ignoreTLS: true,
      pool: true,
    })
    const email = smtpEmail({ transport, from })
    await email.deliver(emailMessage())
    await email.deliver(emailMessage({ to: 'other@example.com' }))
    expect(recipientsIn(server.commands)).toEqual([
      'RCPT TO:<person@example.com>',
      'RCPT TO:<other@example.com>',
    ])
    expect(server.connections()).toBe(1)
    transport.close()
    await server.close()
  })

  it('keeps its one recipient whatever the transport has by default', async () => {
    const server = await startSmtpServer()
    const transport = nodemailer.createTransport(
      { host: '127.0.0.1', port: server.port, ignoreTLS: true },
      { bcc: 'archive@acme.example', envelope: { to: 'archive@acme.example' } },
    )
    await smtpEmail({ transport, from }).deliver(emailMessage())
    expect(recipientsIn(server.commands)).toEqual(['RCPT TO:<person@example.com>'])
    await server.close()
  })
})

describe('hostile recipients', () => {
  it('S71 the dialogue has exactly one RCPT, of exactly that address, or does not begin', async () => {
    const server = await startSmtpServer()
    const email = smtpEmail({ transport: transportTo(server.port), from })
    const inputs = hostileInputs('email').filter(({ input }) => typeof input === 'string')
    expect(inputs.length).toBeGreaterThan(60)
    for (const { id, input, expect: expected } of inputs) {
      const to = String(input)
      server.commands.length = 0
      const before = server.connections()
      const sent = await email.deliver(emailMessage({ to })).then(
        () => true,
        () => false,
      )
      if (sent) {
        expect(recipientsIn(server.commands), id).toEqual([`RCPT TO:<${to}>`])
        expect(to, id).toMatch(/^[\w.+'~&-]+@[\w.-]+$/)
      } else {
        expect(expected.outcome, id).not.toBe('accept')
        expect(server.connections(), id).toBe(before)
      }
    }
    await server.close()
  })

  it.each([
    'a@b.example,evil@evil.example',
    'a@b.example;evil@evil.example',
    'a@b.example\r\nRCPT TO:<evil@evil.example>',
    'a@b.example\nBcc: evil@evil.example',
    '"evil@evil.example a"@b.example',
    "'evil@evil.example'@b.example",
    'Someone <evil@evil.example>',
    '<evil@evil.example>',
    'group:evil@evil.example;',
    'a(comment)@b.example',
    '=?utf-8?q?evil=40evil.example=2C?=@b.example',
    'a@[127.0.0.1]',
    'ａ@b.example',
    'a@b。example',
    'a@evil.example%b.example',
    'evil.example!a@b.example',
    '-oProxy@b.example',
    'a@b',
    'a@b..example',
    '',
  ])('S62 refuses %j without connecting', async (to) => {
    const server = await startSmtpServer()
    const email = smtpEmail({ transport: transportTo(server.port), from })
    const error = await failureOf(email, emailMessage({ to }))
    expect(error).toMatchObject({ kind: 'invalid_recipient', sent: 'no', provider: 'smtp' })
    expectNoSecrets(error, ['evil', 'b.example'])
    expect(server.connections()).toBe(0)
    await server.close()
  })
})

describe('options', () => {
  it.each([
    ['transport', { sendmail: 'wrong-value' }],
    ['transport', undefined],
    ['from', ''],
    ['from', 'wrong-value'],
    ['from', 'Acme <otp@acme.example>, wrong@value.example'],
    ['from', 'Acme\r\nBcc: wrong <wrong@value.example>'],
    ['origin', 'http://wrong-value.example'],
    ['origin', 'wrong-value.example'],
    ['timeoutMs', 0],
    ['timeoutMs', 86_400_001],
    ['timeoutMs', 1234.5],
  ])('a wrong %s (%j) is a TypeError that names it and not its value', (name, value) => {
    expectWrongOption(smtpEmail, { transport: transportTo(25), from }, name, value)
  })
})

describe('the contract of a delivery', () => {
  const cases = deliveryConformance(async () => {
    let refusing = false
    const server = await startSmtpServer({
      onRcptTo(address, session, callback) {
        const quoted = `5.7.1 <${address.address}> ${JSON.stringify(session.envelope)} 73019486`
        callback(refusing ? Object.assign(new Error(quoted), { responseCode: 550 }) : null)
      },
    })
    return {
      delivery: smtpEmail({ transport: transportTo(server.port), from }),
      delivered: () => server.mails.length,
      refuse: () => {
        refusing = true
      },
      disconnect: server.close,
      close: server.close,
    }
  })
  for (const { name, run } of cases) it(name, run)
})
