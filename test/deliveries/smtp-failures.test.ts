import nodemailer from 'nodemailer'
import type { Delivery } from 'otpkit'
import { smtpEmail } from 'otpkit/deliveries/smtp'
import { describe, expect, it } from 'vitest'
import { expectNoSecrets, failureOf } from './delivery-suite'
import { emailMessage } from './samples'
import {
  freePort,
  type SmtpStep,
  smtpPassword,
  startScriptedServer,
  startSmtpServer,
  transportTo,
} from './smtp-provider'

const from = 'Acme <otp@acme.example>'
const provider = 'smtp'

/** What a delivery throws, after a look for what it must not hold. */
async function failureFrom(email: Delivery, signal?: AbortSignal) {
  const error = await failureOf(email, emailMessage(), signal)
  expectNoSecrets(error, ['047382', 'person@example.com', smtpPassword])
  return error
}

/** Delivers to a server that plays this script, and returns what was thrown. */
async function failureAt(script: Readonly<Record<string, SmtpStep>>, transport: object = {}) {
  const server = await startScriptedServer(script)
  const email = smtpEmail({ transport: transportTo(server.port, transport), from })
  try {
    return await failureFrom(email)
  } finally {
    await server.close()
  }
}

// Servers quote what they were told.
const quote = '<person@example.com> 047382'

describe('a refusal in the dialogue sent nothing', () => {
  it.each([
    ['RCPT', '550 5.1.1', 'invalid_recipient'],
    ['RCPT', '550', 'invalid_recipient'],
    ['RCPT', '551', 'invalid_recipient'],
    ['RCPT', '553', 'invalid_recipient'],
    ['RCPT', '501', 'invalid_recipient'],
    ['RCPT', '550 5.2.1', 'invalid_recipient'],
    ['RCPT', '554 5.1.10', 'invalid_recipient'],
    ['RCPT', '452 4.2.2', 'unavailable'],
    ['RCPT', '552 5.2.2', 'unavailable'],
    ['RCPT', '552', 'unavailable'],
    ['RCPT', '450 4.7.1', 'unavailable'],
    ['RCPT', '451', 'unavailable'],
    ['RCPT', '421', 'unavailable'],
    ['RCPT', '550 5.7.1', 'content_rejected'],
    ['RCPT', '554', 'content_rejected'],
    ['RCPT', '530 5.7.0', 'misconfigured'],
    ['RCPT', '555', 'unknown'],
    ['MAIL', '421', 'rate_limited'],
    ['MAIL', '450 4.7.28', 'rate_limited'],
    ['MAIL', '451', 'unavailable'],
    ['MAIL', '550 5.1.8', 'misconfigured'],
    ['MAIL', '530 5.7.0', 'misconfigured'],
    ['DATA', '451', 'unavailable'],
    ['DATA', '554 5.5.1', 'content_rejected'],
    ['.', '550 5.7.1', 'content_rejected'],
    ['.', '554 5.7.1', 'content_rejected'],
    ['.', '554', 'content_rejected'],
    ['.', '550 5.1.1', 'invalid_recipient'],
    ['.', '552 5.2.2', 'unavailable'],
    ['.', '452 4.2.2', 'unavailable'],
    ['.', '421', 'unavailable'],
    ['.', '451 Authentication failed: Maximum credits exceeded', 'insufficient_funds'],
    ['MAIL', '451 Authentication failed: Maximum credits exceeded', 'insufficient_funds'],
    ['connect', '421', 'unavailable'],
    ['connect', '554 5.7.1', 'content_rejected'],
    ['EHLO', '421', 'unavailable'],
  ])('at %s with %s: %s', async (step, reply, kind) => {
    const failure = await failureAt({ [step]: `${reply} ${quote}` })
    expect(failure).toMatchObject({ kind, sent: 'no', provider, providerCode: reply.slice(0, 3) })
  })
})

describe('logging in', () => {
  it.each([
    [535, 'misconfigured'],
    [534, 'misconfigured'],
    [530, 'misconfigured'],
    [454, 'unavailable'],
  ])('a reply of %i is %s, and sent nothing', async (responseCode, kind) => {
    const server = await startSmtpServer({
      allowInsecureAuth: true,
      onAuth: (login, _session, callback) =>
        callback(Object.assign(new Error(`${login.password} ${quote}`), { responseCode })),
    })
    const auth = { user: 'otp', pass: smtpPassword }
    const email = smtpEmail({ transport: transportTo(server.port, { auth }), from })
    expect(await failureFrom(email)).toMatchObject({
      kind,
      sent: 'no',
      provider,
      providerCode: String(responseCode),
    })
    expect(server.mails).toEqual([])
    await server.close()
  })

  it('without credentials, where the server wants some, is misconfigured', async () => {
    const server = await startSmtpServer({ authOptional: false, allowInsecureAuth: true })
    const email = smtpEmail({ transport: transportTo(server.port), from })
    const failure = await failureFrom(email)
    expect(failure).toMatchObject({ kind: 'misconfigured', sent: 'no', providerCode: '530' })
    await server.close()
  })

  it('works with the right credentials', async () => {
    const server = await startSmtpServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (login, _session, callback) =>
        callback(null, login.password === smtpPassword ? { user: login.username } : {}),
    })
    const auth = { user: 'otp', pass: smtpPassword }
    const email = smtpEmail({ transport: transportTo(server.port, { auth }), from })
    expect(await email.deliver(emailMessage())).toMatchObject({ provider })
    await server.close()
  })
})

describe('a connection that fails before the mail sent nothing', () => {
  it('nobody listens', async () => {
    const email = smtpEmail({ transport: transportTo(await freePort()), from })
    const failure = await failureFrom(email)
    expect(failure).toMatchObject({
      kind: 'unavailable',
      sent: 'no',
      provider,
      providerCode: 'ECONNREFUSED',
    })
  })

  it('the name does not exist', async () => {
    const email = smtpEmail({ transport: transportTo(25, { host: 'no-such-host.invalid' }), from })
    const failure = await failureFrom(email)
    expect(failure).toMatchObject({ kind: 'unavailable', sent: 'no' })
  })

  it('the server never greets', async () => {
    const failure = await failureAt({ connect: () => {} }, { greetingTimeout: 100 })
    expect(failure).toMatchObject({ kind: 'unavailable', sent: 'no', providerCode: 'ETIMEDOUT' })
  })

  it('the port begins without TLS', async () => {
    const failure = await failureAt({}, { secure: true })
    expect(failure).toMatchObject({ kind: 'misconfigured', sent: 'no' })
  })

  it('the certificate is not trusted', async () => {
    const server = await startSmtpServer({ secure: true })
    const transport = transportTo(server.port, { secure: true })
    const failure = await failureFrom(smtpEmail({ transport, from }))
    expect(failure).toMatchObject({ kind: 'misconfigured', sent: 'no' })
    await server.close()
  })

  it('the transport insists on TLS and the server has none', async () => {
    const failure = await failureAt({ STAR: '502 no' }, { ignoreTLS: false, requireTLS: true })
    expect(failure).toMatchObject({ kind: 'misconfigured', sent: 'no', providerCode: '502' })
  })

  it('every address of the name refuses', async () => {
    const refused = Object.assign(new Error(quote), { syscall: 'connect' })
    const errors = new AggregateError([refused, refused], quote)
    const email = smtpEmail({ transport: { sendMail: () => Promise.reject(errors) }, from })
    expect(await failureFrom(email)).toMatchObject({
      kind: 'unavailable',
      sent: 'no',
      provider,
    })
  })
})

describe('a connection lost later may have sent the mail', () => {
  const steps = ['EHLO', 'MAIL', 'RCPT', 'DATA', '.']

  it.each(steps)('closed at %s', async (step) => {
    const failure = await failureAt({ [step]: (socket) => socket.destroy() })
    expect(failure).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })

  it.each(steps)('reset at %s', async (step) => {
    const failure = await failureAt({ [step]: (socket) => socket.resetAndDestroy() })
    expect(failure).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })

  it.each(steps)('silent at %s', async (step) => {
    const failure = await failureAt({ [step]: () => {} }, { socketTimeout: 100 })
    expect(failure).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })

  it('in a pool too', async () => {
    const server = await startScriptedServer({ '.': (socket) => socket.destroy() })
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: server.port,
      ignoreTLS: true,
      pool: true,
    })
    const failure = await failureFrom(smtpEmail({ transport, from }))
    expect(failure).toMatchObject({ kind: 'unknown', sent: 'unknown' })
    transport.close()
    await server.close()
  })
})

describe('ending a delivery', () => {
  it('a signal that has aborted sends nothing', async () => {
    const server = await startSmtpServer()
    const email = smtpEmail({ transport: transportTo(server.port), from })
    expect(await failureFrom(email, AbortSignal.abort(quote))).toMatchObject({
      kind: 'unavailable',
      sent: 'no',
      provider,
    })
    expect(server.connections()).toBe(0)
    await server.close()
  })

  it('a signal in the middle leaves the outcome unknown and closes the connection', async () => {
    const controller = new AbortController()
    let closed: Promise<unknown> | undefined
    const failure = await (async () => {
      const server = await startScriptedServer({
        '.': (socket) => {
          closed = new Promise((resolve) => socket.once('close', resolve))
          controller.abort(quote)
        },
      })
      const email = smtpEmail({ transport: transportTo(server.port), from })
      const result = await failureFrom(email, controller.signal)
      await closed
      await server.close()
      return result
    })()
    expect(failure).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })

  it('time runs out, even for a transport that knows nothing of signals', async () => {
    const transport = { sendMail: () => new Promise(() => {}) }
    const email = smtpEmail({ transport, from, timeoutMs: 20 })
    expect(await failureFrom(email)).toMatchObject({
      kind: 'unknown',
      sent: 'unknown',
      provider,
    })
  })
})

describe('what proves nothing', () => {
  it.each([
    [undefined],
    [{}],
    [{ accepted: [] }],
    [{ accepted: 'person@example.com' }],
    [{ accepted: ['a@b.example', 'c@d.example'] }],
  ])('a transport that resolves with %j', async (info) => {
    const email = smtpEmail({ transport: { sendMail: async () => info }, from })
    expect(await failureFrom(email)).toMatchObject({
      kind: 'unknown',
      sent: 'unknown',
    })
  })

  it.each([
    [new Error(quote), 'unknown'],
    [quote, 'unknown'],
    [null, 'unknown'],
    [Object.assign(new Error(quote), { code: 'EAUTH' }), 'no'],
    [Object.assign(new Error(quote), { code: 'constructor' }), 'unknown'],
  ])('a transport that throws %s', async (error, sent) => {
    const sendMail = () => Promise.reject(error)
    const email = smtpEmail({ transport: { sendMail }, from })
    expect(await failureFrom(email)).toMatchObject({ sent })
  })
})
