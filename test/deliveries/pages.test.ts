import { AwsClient } from 'aws4fetch'
import { type Delivery, isDeliveryError, isOtpError, type OtpEvent, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { fromEnvironment } from 'otpkit/from-environment'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appPages } from './pages/apps'
import { emailPages } from './pages/email'
import { credential, deliveriesOf, type PageRow, readPage } from './pages/page'
import type { PageUnderTest, Provoked } from './pages/provoked'
import { smsPages } from './pages/sms'
import { openStage, type Stage } from './pages/stage'

// What a new user has in the environment after the page's first part.
const env = {
  TWILIO_ACCOUNT_SID: `AC${credential}`,
  TWILIO_AUTH_TOKEN: credential,
  MSG91_AUTH_KEY: credential,
  KAVENEGAR_API_KEY: credential,
  VONAGE_API_KEY: credential,
  VONAGE_API_SECRET: credential,
  PLIVO_AUTH_ID: `MA${credential}`,
  PLIVO_AUTH_TOKEN: credential,
  AWS_ACCESS_KEY_ID: credential,
  AWS_SECRET_ACCESS_KEY: credential,
  WA_API_TOKEN: credential,
  TELEGRAM_GATEWAY_TOKEN: credential,
  RESEND_API_KEY: `re_${credential}`,
  SENDGRID_API_KEY: `SG.${credential}`,
  POSTMARK_SERVER_TOKEN: credential,
  SMTP_PASSWORD: 'password',
  WEBHOOK_SECRET: `whsec_${credential}`,
}
const retryAfter = '7'

/** What the words of a page about the person promise. */
const fates: Readonly<Record<string, { answer: 'refused' | 'error' | 'sent'; movesOn: boolean }>> =
  {
    'corrects the number, or takes another channel': { answer: 'refused', movesOn: true },
    'corrects the address, or takes another channel': { answer: 'refused', movesOn: true },
    'is not there: takes another channel': { answer: 'refused', movesOn: true },
    'cannot be reached here: takes another channel': { answer: 'refused', movesOn: true },
    'takes another channel': { answer: 'refused', movesOn: false },
    'is refused': { answer: 'refused', movesOn: false },
    'gets it over the next route, or an error': { answer: 'error', movesOn: true },
    'waits, and may ask again': { answer: 'sent', movesOn: false },
  }

let opened: Stage | undefined
const stage = () => {
  if (opened === undefined) throw new Error('the stage is not open')
  return opened
}
beforeAll(async () => {
  opened = await openStage(retryAfter)
})
afterAll(() => opened?.close())

const pages = [...smsPages, ...appPages, ...emailPages]
const deliveriesOn = (page: PageUnderTest, block: number) =>
  deliveriesOf(readPage(page.name).blocks[block] ?? '', env, { nodemailer: stage().nodemailer })

/** A backend with the deliveries of a page, and a channel of its own beside them. */
function createBackend(deliveries: Readonly<Record<string, Delivery>>) {
  const clock = testClock()
  const spare = capturedDelivery({ name: 'spare', reaches: ['phone', 'email'] })
  const all: Record<string, Delivery> = { ...deliveries, spare }
  const otp = new OtpManager({
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    database: memory({ clock: clock.now }),
    deliveries: all,
    countries: 'any',
    purposes: ['login'],
    exposeCode: true,
  })
  const events: OtpEvent[] = []
  otp.subscribe((event) => {
    events.push(event)
  })
  return { clock, spare, otp, events }
}

type Backend = ReturnType<typeof createBackend>

const requestOf = (page: PageUnderTest, channel: string) => {
  const to = channel === 'email' ? 'person@example.com' : page.to
  return { to, channel, purpose: 'login', ip: null } as const
}

/** A message that the provider takes, with a code that it gets and that verifies. */
async function expectTaken(page: PageUnderTest, backend: Backend, channel: string, block: number) {
  await stage().play(page.takes[block] ?? page.takes[0] ?? {})
  const request = requestOf(page, channel)
  const { to, purpose, ip } = request
  const sent = await backend.otp.send(request)
  expect(sent).toMatchObject({ ok: true, channel, delivery: 'accepted' })
  const code = sent.ok ? (sent.code ?? '') : ''
  // A voice says the digits one by one.
  expect(stage().heard().replace(/\D/g, '')).toContain(code)
  expect(await backend.otp.verify({ to, purpose, ip, code })).toMatchObject({ ok: true })
  return code
}

/** A refusal, as the person and the operator get it, where there is this channel alone. */
async function provoke(page: PageUnderTest, { block, answer, ...one }: Provoked) {
  const deliveries = await deliveriesOn(page, block)
  const channel = one.channel ?? Object.keys(deliveries)[0] ?? ''
  const backend = createBackend(deliveries)
  await stage().play(answer)
  const told: unknown = await backend.otp
    .send(requestOf(page, channel))
    .catch((error: unknown) => error)
  const event = backend.events.find(({ type }) => type === 'delivery_failed')
  if (event?.type !== 'delivery_failed') throw new Error('nothing failed')
  return { deliveries, channel, backend, told, event }
}

function rowOf(
  rows: readonly PageRow[],
  { kind, sent, says, block }: Provoked,
): PageRow | undefined {
  const found = rows.filter(
    (row) => row.kinds.includes(kind) && row.sent === sent && sayingOf(row, block).includes(says),
  )
  expect(found, `rows of ${kind}, ${sent}, ${says}`).toHaveLength(says === 'unlisted' ? 0 : 1)
  return found[0]
}

function sayingOf({ says }: PageRow, block: number): readonly string[] {
  return says[says.length === 1 ? 0 : block] ?? []
}

function codeOf({ says }: Provoked, { withoutCodes }: PageUnderTest): unknown {
  if (says === 'unlisted') return expect.any(String)
  return withoutCodes || says === '–' ? undefined : says.split(' ')[0]
}

describe.each(pages)('docs/deliveries/$name', (page) => {
  const { blocks, rows, variables } = readPage(page.name)
  const name = (one: Provoked) => `${one.kind}, sent ${one.sent}: ${one.says}`

  it('followed literally, sends codes that verify', async () => {
    for (const block of blocks.keys()) {
      const deliveries = await deliveriesOn(page, block)
      expect(Object.keys(deliveries)).not.toEqual([])
      for (const channel of Object.keys(deliveries)) {
        await expectTaken(page, createBackend(deliveries), channel, block)
      }
    }
    expect([...stage().hosts].filter((host) => page.hosts.includes(host))).toEqual(page.hosts)
  })

  it('its variables do the same', async () => {
    const { deliveries } = fromEnvironment(
      { OTP_SECRET: credential, ...variables },
      {
        createTransport: stage().nodemailer.createTransport,
        createAwsSigner: (credentials) => new AwsClient(credentials),
      },
    )
    const inBlock = Object.keys(await deliveriesOn(page, 0))
    expect(Object.keys(deliveries)).toEqual(expect.arrayContaining(inBlock))
    const [channel = ''] = inBlock
    await expectTaken(page, createBackend({ ...deliveries }), channel, 0)
  })

  it.each(page.provoked.map((provoked) => [name(provoked), provoked] as const))(
    '%s',
    async (_, provoked) => {
      const row = rowOf(rows, provoked)
      const fate = fates[row?.person ?? 'gets it over the next route, or an error']
      const { kind, sent, block } = provoked
      const providerCode = codeOf(provoked, page)
      const { deliveries, channel, backend, told, event } = await provoke(page, provoked)

      // The operator, by the event.
      expect(event).toMatchObject({ channel, kind, sent })
      expect(event.providerCode).toEqual(providerCode)
      const { consolePage } = event
      if (consolePage !== undefined) expect(row?.operator).toContain(`(${consolePage})`)

      // The person; and the operator, by the error that is logged.
      if (fate?.answer === 'refused') {
        expect(told).toEqual({ ok: false, reason: 'undeliverable', kind })
      } else if (fate?.answer === 'sent') {
        expect(told).toMatchObject({ ok: true, channel, delivery: 'unknown' })
      } else {
        expect(isOtpError(told) && told.code).toBe('delivery_failed')
        const cause: unknown = Object(told).cause
        if (!isDeliveryError(cause)) throw new Error('no cause')
        expect(cause).toMatchObject({ kind, sent })
        expect(cause.providerCode).toEqual(providerCode)
        const coded = cause.providerCode === undefined ? '' : ` (${cause.providerCode})`
        const mended = consolePage === undefined ? '' : `, see ${consolePage}`
        expect(cause.message).toBe(`${event.provider}: ${kind}${coded}${mended}`)
        if (row?.operator.includes('retryAfterMs')) expect(cause.retryAfterMs).toBe(7_000)
      }

      // Asked again: at once where nobody took it, else after the wait and for the same code.
      if (fate?.answer === 'sent') {
        backend.clock.advance(Object(told).resendInMs)
        expect(await expectTaken(page, backend, channel, block)).toBe(Object(told).code)
      } else await expectTaken(page, backend, channel, block)

      // With another channel behind it.
      const both = createBackend(deliveries)
      await stage().play(provoked.answer)
      await both.otp.send({ ...requestOf(page, channel), channel: [channel, 'spare'] })
      expect(both.spare.messages).toHaveLength(fate?.movesOn ? 1 : 0)
    },
  )

  it('each word of its table was provoked, and each page of the console named', async () => {
    const provokedBy = (row: PageRow) =>
      page.provoked.filter(
        (one) =>
          row.kinds.includes(one.kind) &&
          row.sent === one.sent &&
          sayingOf(row, one.block).includes(one.says),
      )
    for (const row of rows) {
      expect(Object.keys(fates)).toContain(row.person)
      const provoked = provokedBy(row)
      expect(new Set(provoked.map(({ kind }) => kind))).toEqual(new Set(row.kinds))
      for (const [column, says] of row.says.entries()) {
        const said = provoked.filter(({ block }) => row.says.length === 1 || block === column)
        expect(new Set(said.map((one) => one.says))).toEqual(new Set(says))
      }
      const linked = [...row.operator.matchAll(/\]\((https:[^)]+)\)/g)].map(([, link]) => link)
      const named = new Set<string | undefined>()
      for (const one of linked.length === 0 ? [] : provoked) {
        const { event } = await provoke(page, one)
        named.add(event.consolePage)
      }
      named.delete(undefined)
      expect(named).toEqual(new Set(linked))
    }
  })
})
