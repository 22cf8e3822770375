import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nodemailer from 'nodemailer'
import type { Delivery, DeliveryErrorKind } from 'otpkit'
import { type SmtpTransport, smtpEmail } from 'otpkit/deliveries/smtp'
import { withCircuitBreaker } from 'otpkit/deliveries/with-circuit-breaker'
import { describe, expect, it } from 'vitest'
import { freePort } from '../servers/process'
import { expectNoSecrets, failureOf } from './delivery-suite'
import { emailMessage } from './samples'
import {
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

/**
 * Permanent refusals, by step, code and text: those of Postfix, Exim, Sendmail, qmail and Exchange, and
 * of RFC 5321. The providers' sheet says what each of them means.
 */
const permanent: readonly (readonly [step: string, reply: string, kind: DeliveryErrorKind])[] = [
  // The six enhanced codes (RFC 3463) that name the person, and servers that say it in words.
  ['RCPT', '550 5.1.1 User unknown in virtual mailbox table', 'invalid_recipient'],
  ['RCPT', '550 5.1.2 Bad destination system', 'invalid_recipient'],
  ['RCPT', '501 5.1.3 Bad recipient address syntax', 'invalid_recipient'],
  ['RCPT', '551 5.1.6 Recipient has moved', 'invalid_recipient'],
  ['RCPT', '550 5.1.10 RESOLVER.ADR.RecipientNotFound', 'invalid_recipient'],
  ['RCPT', '550 5.2.1 Mailbox disabled', 'invalid_recipient'],
  ['RCPT', '550-5.1.1 The account does not exist.\r\n550 5.1.1 Try again', 'invalid_recipient'],
  ['RCPT', '550 No such user here', 'invalid_recipient'],
  ['RCPT', '550 Requested action not taken: mailbox unavailable', 'invalid_recipient'],
  ['RCPT', '551 User not local', 'invalid_recipient'],
  ['RCPT', '553 Requested action not taken: mailbox name not allowed', 'invalid_recipient'],
  ['RCPT', '550 <relay@example.com>: Unknown user', 'invalid_recipient'],
  ['RCPT', '550 5.1.1 <sender@example.com>: User unknown', 'invalid_recipient'],
  ['RCPT', '550 Unknown user at relay.spamhaus.example', 'invalid_recipient'],
  ['.', '550 5.1.1 User unknown', 'invalid_recipient'],

  // The sender, the relay or the login: every person would be refused.
  ['RCPT', '550 5.1.1 account otp@acme.example is disabled', 'misconfigured'],
  ['RCPT', '550 5.1.1 <OTP@acme.example>: User unknown in local table', 'misconfigured'],
  ['RCPT', '550 account otp@acme.example does not exist', 'misconfigured'],
  ['RCPT', '550 5.2.1 sender otp@acme.example disabled', 'misconfigured'],
  ['RCPT', '550 5.1.1 The sender is suspended', 'misconfigured'],
  ['RCPT', '550 5.2.1 Your account has been suspended', 'misconfigured'],
  ['.', '550 5.2.1 Your account is locked', 'misconfigured'],
  [
    'RCPT',
    '550 5.1.1 <person@example.com>: User unknown, said to otp@acme.example',
    'invalid_recipient',
  ],
  ['RCPT', '550 5.1.1 The account that you tried to reach is disabled', 'invalid_recipient'],
  ['RCPT', '550 5.2.1 The account is disabled, please tell the sender', 'invalid_recipient'],
  ['RCPT', '550 Sender verify failed', 'misconfigured'],
  ['RCPT', '550 relay not permitted', 'misconfigured'],
  [
    'RCPT',
    '550 5.1.8 <otp@acme.example>: Sender address rejected: Domain not found',
    'misconfigured',
  ],
  ['RCPT', '550 5.1.7 Invalid address of the sender', 'misconfigured'],
  [
    'RCPT',
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    'misconfigured',
  ],
  ['RCPT', '550 Please turn on SMTP Authentication in your mail client', 'misconfigured'],
  ['RCPT', '550 authentication required', 'misconfigured'],
  ['RCPT', '550 5.7.1 Relaying denied', 'misconfigured'],
  ['RCPT', '554 5.7.1 <person@example.com>: Relay access denied', 'misconfigured'],
  ['RCPT', '554 <person@example.com>: Relay access denied', 'misconfigured'],
  ['RCPT', '550 5.7.64 TenantAttribution; Relay Access Denied', 'misconfigured'],
  ['RCPT', '550 5.7.1 <person@example.com>', 'misconfigured'],
  ['RCPT', '550 Administrative prohibition', 'misconfigured'],
  ['RCPT', '535 5.7.8 Bad credentials', 'misconfigured'],
  ['RCPT', '554', 'misconfigured'],
  ['MAIL', '550 5.1.1 User unknown', 'misconfigured'],
  ['MAIL', '550 5.7.1 Sender not allowed', 'misconfigured'],
  ['MAIL', '553 5.7.1 Sender address rejected: not owned by user', 'misconfigured'],
  [
    '.',
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    'misconfigured',
  ],
  ['.', '550 5.1.8 Bad outbound sender', 'misconfigured'],

  ['RCPT', '504 5.5.2 <localhost>: Helo command rejected: need a host name', 'misconfigured'],
  ['RCPT', '550 Your account has been disabled', 'misconfigured'],
  ['RCPT', '550 Your domain acme.example does not exist', 'misconfigured'],
  ['RCPT', '550 Outgoing mail of this user is disabled', 'misconfigured'],
  ['RCPT', '550 Mail from your server is refused, ask help@host.example', 'misconfigured'],
  // Relays that look at the sender when they have the text.
  [
    '.',
    '554 Message rejected: Email address is not verified. The following identities failed the check',
    'misconfigured',
  ],
  ['.', '550 The from address does not match a verified Sender Identity', 'misconfigured'],
  ['.', '550 The address is no Sender Signature of your account', 'misconfigured'],
  ['.', '553 5.7.1 Sender address rejected: not owned by user otp', 'misconfigured'],
  ['.', '550 5.7.1 User otp is not authorized to send on behalf of others', 'misconfigured'],
  ['.', '554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException', 'misconfigured'],

  // This account has sent what it may.
  ['MAIL', '550 5.4.5 Daily user sending limit exceeded', 'rate_limited'],
  ['RCPT', '550 User otp@acme.example has exceeded its 24-hour sending limit', 'rate_limited'],
  ['RCPT', '550 The domain has exceeded the max emails per hour (50/50)', 'rate_limited'],
  ['.', '454 Throttling failure: Maximum sending rate exceeded.', 'rate_limited'],
  ['.', '454 Throttling failure: Daily message quota exceeded.', 'rate_limited'],
  // And this mailbox holds what it may.
  ['RCPT', '552 5.2.2 The mailbox is over its quota', 'unavailable'],

  // This host is not wanted, or there is no service: a breaker counts it.
  ['connect', '554 No SMTP service here', 'unavailable'],
  ['connect', '554 5.7.1 Your address is listed', 'unavailable'],
  ['connect', '550 Access denied', 'unavailable'],
  ['HELO', '554 no', 'unavailable'],
  ['RCPT', '554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked', 'unavailable'],
  ['RCPT', '550 5.7.1 Client host rejected: listed at zen.spamhaus.example', 'unavailable'],
  ['RCPT', '550 5.3.0 Mail system trouble', 'unavailable'],

  // The text, which was seen.
  ['.', '554 5.7.1 Message looks like spam', 'content_rejected'],
  ['.', '550 5.6.0 Not a message', 'content_rejected'],
  ['.', '554 Transaction failed', 'content_rejected'],

  ['.', '550 5.7.1 The sender of this message is known for spam', 'content_rejected'],

  // Nobody is blamed without a word of his.
  ['RCPT', '550 <otp@acme.example>: Verification failed', 'misconfigured'],
  ['RCPT', '550 <relay@other.example>: Verification failed', 'unknown'],
  ['RCPT', '550 Refused, ask postmaster@host.example', 'unknown'],
  ['RCPT', '550 No MX for acme.example: the domain does not exist', 'unknown'],
  ['RCPT', '550', 'unknown'],
  ['RCPT', '550 5.4.1 Recipient address rejected: Access denied', 'misconfigured'],
  ['RCPT', '550 5.5.0 Something else', 'unknown'],
  ['.', '571 Something else', 'unknown'],
]

describe('a permanent refusal is told by step, code and text', () => {
  it.each(permanent)('at %s with %j: %s', async (step, reply, kind) => {
    const script = step === 'HELO' ? { EHLO: reply, HELO: reply } : { [step]: reply }
    const failure = await failureAt(script)
    expect(failure).toMatchObject({ kind, sent: 'no', providerCode: reply.slice(0, 3) })
  })

  it('the breaker opens for a server that takes no mail, and not for bad addresses', async () => {
    const answersWith = async (reply: string) => {
      const server = await startScriptedServer({ RCPT: reply })
      const email = smtpEmail({ transport: transportTo(server.port), from })
      const guarded = withCircuitBreaker(email, { failures: 2 })
      const kinds: string[] = []
      for (let count = 0; count < 3; count += 1) kinds.push((await failureFrom(guarded)).kind)
      await server.close()
      return kinds
    }
    expect(await answersWith('550 5.7.1 Relaying denied')).toEqual([
      'misconfigured',
      'misconfigured',
      'unavailable',
    ])
    expect(await answersWith('550 5.1.1 User unknown')).toEqual(Array(3).fill('invalid_recipient'))
  })
})

describe('the other transports of nodemailer', () => {
  const deliver = (transport: SmtpTransport) =>
    smtpEmail({ transport, from }).deliver(emailMessage())

  it.each([
    ['JSON', { jsonTransport: true } as const],
    ['a stream', { streamTransport: true, buffer: true } as const],
  ])('%s takes the mail', async (_, options) => {
    const transport = nodemailer.createTransport(options)
    expect(await deliver(transport)).toMatchObject({ provider })
  })

  it('sendmail takes the mail, and a program that is missing sent nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'otpkit-sendmail-'))
    const program = join(folder, 'sendmail')
    await writeFile(program, `#!/bin/sh\ncat > ${join(folder, 'mail')}\n`, { mode: 0o755 })
    expect(
      await deliver(nodemailer.createTransport({ sendmail: true, path: program })),
    ).toMatchObject({ provider })
    expect(await readFile(join(folder, 'mail'), 'utf8')).toContain('047382')
    await rm(folder, { recursive: true })
    const missing = nodemailer.createTransport({ sendmail: true, path: program })
    const failure = await failureFrom(smtpEmail({ transport: missing, from }))
    expect(failure).toMatchObject({ kind: 'misconfigured', sent: 'no' })
  })

  it.each([
    [
      '{ messageId, response } is SES’s',
      { messageId: '<0100018b@eu-west-1>', response: '0100018b' },
    ],
    ['an empty list of the rejected', { messageId: '<1@a.example>', rejected: [] }],
  ])('%s', async (_, info) => {
    expect(await deliver({ sendMail: async () => info })).toMatchObject({ provider })
  })

  it('whom a transport lists as rejected was sent nothing', async () => {
    const info = { messageId: '<1@a.example>', rejected: ['person@example.com'] }
    for (const each of [info, { ...info, accepted: [] }]) {
      const email = smtpEmail({ transport: { sendMail: async () => each }, from })
      expect(await failureFrom(email)).toMatchObject({ kind: 'unknown', sent: 'no' })
    }
  })

  it.each([
    ['MessageRejected', 400, 'content_rejected', 'no'],
    ['TooManyRequestsException', 429, 'rate_limited', 'no'],
    ['AccessDeniedException', 403, 'misconfigured', 'no'],
    ['SomethingNewException', 400, 'unknown', 'no'],
    ['InternalServiceError', 500, 'unknown', 'unknown'],
  ])('SES says %s (%i): %s, sent %s', async (name, httpStatusCode, kind, sent) => {
    const error = Object.assign(new Error(quote), { name, $metadata: { httpStatusCode } })
    const email = smtpEmail({ transport: { sendMail: () => Promise.reject(error) }, from })
    expect(await failureFrom(email)).toMatchObject({ kind, sent })
  })
})

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
    ['connect', '554 5.7.1', 'unavailable'],
    ['connect', '554 No SMTP service here', 'unavailable'],
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

  // All at once, as they wait: so long that no step before it is given up on a busy machine.
  it.concurrent.each(steps)('silent at %s', async (step) => {
    const failure = await failureAt({ [step]: () => {} }, { socketTimeout: 2_000 })
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

  // Written by hand from https://nodemailer.com/errors: before a message was handed over, or nobody knows.
  it.each([
    ['EAUTH', 'misconfigured', 'no'],
    ['ECONFIG', 'misconfigured', 'no'],
    ['EDNS', 'unavailable', 'no'],
    ['EENVELOPE', 'invalid_recipient', 'no'],
    ['ENOAUTH', 'misconfigured', 'no'],
    ['EOAUTH2', 'misconfigured', 'no'],
    ['EREQUIRETLS', 'misconfigured', 'no'],
    ['ETLS', 'misconfigured', 'no'],
    ['ECONNECTION', 'unknown', 'unknown'],
    ['EMAXLIMIT', 'unknown', 'unknown'],
    ['EMESSAGE', 'unknown', 'unknown'],
    ['EPROTOCOL', 'unknown', 'unknown'],
    ['ESOCKET', 'unknown', 'unknown'],
    ['ESTREAM', 'unknown', 'unknown'],
    ['ETIMEDOUT', 'unknown', 'unknown'],
  ])('nodemailer says %s without a reply: %s, sent %s', async (code, kind, sent) => {
    const sendMail = () => Promise.reject(Object.assign(new Error(quote), { code }))
    const email = smtpEmail({ transport: { sendMail }, from })
    expect(await failureFrom(email)).toMatchObject({ kind, sent })
  })
})
