import { readdirSync } from 'node:fs'
import { type Delivery, OtpManager, type PurposeOptions } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { consoleDelivery } from 'otpkit/deliveries/console'
import { kavenegarCall, kavenegarSms } from 'otpkit/deliveries/kavenegar'
import { msg91Flow } from 'otpkit/deliveries/msg91'
import { sesEmail } from 'otpkit/deliveries/ses'
import { smtpEmail } from 'otpkit/deliveries/smtp'
import { snsSms } from 'otpkit/deliveries/sns'
import { createReceipts } from 'otpkit/receipts'
import { messagebirdReceipts } from 'otpkit/receipts/messagebird'
import { sinchReceipts } from 'otpkit/receipts/sinch'
import { afterAll, describe, expect, it } from 'vitest'
import type { OtpEvent } from '../src/events'
import { signerAtVectorTime } from './deliveries/aws-signer'
import { useProviderServer } from './deliveries/delivery-suite'
import type { ProviderBehaviour, ProviderRequest } from './deliveries/provider-server'
import { startSmtpServer, transportTo } from './deliveries/smtp-provider'
import { secret, wrong } from './fixture'
import { publicOrigin, reportingProviders } from './receipts/providers'

/** So many characters in a row are as good as all of it; of what is shorter, all of it. */
const tellTale = 12
const phone = '+919876543210'
const address = 'canary.person+tag@mail.in'

/** Every way to write a value that somebody could read back. */
function pieces(value: string): string[] {
  const bytes = Buffer.from(value)
  const forms = ['hex', 'base64', 'base64url'] as const
  const spelled = forms.map((form) => bytes.toString(form).replaceAll('=', ''))
  return [value, ...spelled].flatMap((text) =>
    Array.from({ length: Math.max(1, text.length - tellTale + 1) }, (_, from) =>
      text.slice(from, from + tellTale),
    ),
  )
}

function leaks(text: string, values: readonly string[]): string[] {
  return values.flatMap(pieces).filter((piece) => text.includes(piece))
}

interface Carrier {
  readonly channel: string
  delivery(baseUrl: string): Delivery
  taken(id: string): ProviderBehaviour
  readonly numeric?: true
  /** Its id is made of the message's own random `reference`, which events hold. */
  readonly isNamedByReference?: true
}

const smtp = await startSmtpServer()
afterAll(() => smtp.close())
const signer = signerAtVectorTime()
const apiKey = 'key-of-kavenegar'

/** Those that report nothing that the library reads, or share a report with another. */
const silentCarriers: Readonly<Record<string, Carrier>> = {
  snsSms: {
    channel: 'sms',
    delivery: (baseUrl) => snsSms({ signer, region: 'eu-west-1', baseUrl }),
    taken: (id) => ({
      text: `<PublishResponse><PublishResult><MessageId>${id}</MessageId></PublishResult></PublishResponse>`,
    }),
  },
  sesEmail: {
    channel: 'email',
    delivery: (baseUrl) =>
      sesEmail({ signer, region: 'eu-west-1', from: 'Acme <otp@acme.example>', baseUrl }),
    taken: (id) => ({ json: { MessageId: id } }),
  },
  smtpEmail: {
    channel: 'email',
    isNamedByReference: true,
    delivery: () =>
      smtpEmail({ transport: transportTo(smtp.port), from: 'Acme <otp@acme.example>' }),
    taken: () => ({}),
  },
  consoleDelivery: {
    channel: 'sms',
    delivery: () => consoleDelivery({ write: () => undefined }),
    taken: () => ({}),
  },
  msg91Flow: {
    channel: 'sms',
    delivery: (baseUrl) =>
      msg91Flow({ authKey: '123456AbcDefGhI', templateId: '6a1b2c3d4e5f6a7b8c9d0e1f', baseUrl }),
    taken: (id) => ({ json: { type: 'success', message: id } }),
  },
  kavenegarSms: {
    channel: 'sms',
    numeric: true,
    delivery: (baseUrl) => kavenegarSms({ apiKey, baseUrl }),
    taken: (id) => ({
      json: { return: { status: 200 }, entries: [{ messageid: Number(id), cost: 120 }] },
    }),
  },
  kavenegarCall: {
    channel: 'voice',
    numeric: true,
    delivery: (baseUrl) => kavenegarCall({ apiKey, baseUrl }),
    taken: (id) => ({
      json: { return: { status: 200 }, entries: [{ messageid: Number(id), cost: 120 }] },
    }),
  },
}

const limits: NonNullable<PurposeOptions['limits']> = {
  cooldown: false,
  recipient: [],
  ip: [],
  verifyIp: [],
}

/** What an answer of any provider quotes who wants to say too much. */
const refusal = ({ body }: ProviderRequest): ProviderBehaviour => ({
  status: 400,
  json: { code: phone.slice(1), error: body, message: body, status: body, name: body },
})

const server = useProviderServer()

/** The same delivery, with the codes that it carried. */
function noting(delivery: Delivery, codes: string[]): Delivery {
  return {
    ...delivery,
    deliver: (message, options) => {
      codes.push(message.code ?? '')
      return delivery.deliver(message, options)
    },
  }
}

/** The whole course of a code over one carrier: events, and every value that none of them may hold. */
async function course({ channel, delivery, taken, numeric, isNamedByReference }: Carrier) {
  const to = channel === 'email' ? address : phone
  const codes: string[] = []
  const otp = new OtpManager({
    secret,
    database: memory(),
    deliveries: { [channel]: noting(delivery(server().url), codes) },
    countries: ['IN'],
    purposes: ['login', 'signup'],
    codeLength: 8,
    limits,
  })
  const events: OtpEvent[] = []
  otp.subscribe((event) => void events.push(event))
  // An id that holds the number, as WhatsApp's do.
  const id = numeric ? phone.slice(1) : `wamid.${Buffer.from(to).toString('base64url')}4711`
  const ask = { to, purpose: 'login', ip: '203.0.113.7' } as const

  server().behave(refusal)
  await otp.send({ ...ask, purpose: 'signup', channel }).catch(() => undefined)
  server().behave(taken(id))
  const first = await otp.send({ ...ask, channel })
  if (!first.ok) throw new Error(JSON.stringify(first))
  const sent = server().requests.at(-1)
  const again = await otp.resend({ challengeId: first.challengeId, ip: null })
  if (!again.ok) throw new Error(JSON.stringify(again))
  for (const code of new Set(codes)) await otp.verify({ ...ask, code })
  await otp.verify({ ...ask, code: wrong(codes[0] ?? '') })
  await otp.cancel({ challengeId: first.challengeId })
  await otp.unlock(to)
  const { challengeId } = first
  const messageId = isNamedByReference ? id : (first.messageId ?? id)
  const digits = to === phone ? [phone.slice(1), phone.slice(3)] : []
  return { otp, events, sent, values: [to, ...digits, ...codes, challengeId, messageId, id] }
}

/** The first message that was taken. */
function messageOf(events: readonly OtpEvent[]) {
  const found = events.find((event) => event.type === 'sent' && event.delivery === 'accepted')
  if (found?.type !== 'sent') throw new Error('no message')
  return found
}

describe('S83 no event of any provider names anybody', () => {
  it.each(Object.entries({ ...silentCarriers, ...reportingProviders }))(
    'deliveries: %s',
    async (_, carrier) => {
      const { events, values } = await course(carrier)
      expect(leaks(JSON.stringify(events), values)).toEqual([])
      const types = events.map(({ type }) => type)
      for (const type of ['sent', 'verified'] as const) expect(types).toContain(type)
      expect(messageOf(events)).toMatchObject({ type: 'sent', delivery: 'accepted' })
      expect(values.some((value) => /^\d{8}$/.test(value))).toBe(true)
    },
  )

  it.each(Object.entries(reportingProviders))('receipts: %s', async (_, provider) => {
    const { otp, events, sent, values } = await course(provider)
    if (sent === undefined) throw new Error('nothing was sent')
    const first = messageOf(events)
    const name = provider.path.split('/')[0] ?? ''
    const readers = { [name]: provider.reader() }
    const receipts = createReceipts(otp, { origin: publicOrigin, readers })
    const id = values.at(-1) ?? ''
    for (const status of ['delivered', 'failed'] as const) {
      const { url, ...init } = provider.report({ id, reference: first.reference, sent, status })
      expect((await receipts(new Request(url, init))).status).toBe(200)
    }
    const told = events.filter((event) => event.type === 'receipt')
    expect(told).toMatchObject([{ status: 'delivered' }, { status: 'failed' }])
    for (const receipt of told) expect(receipt).toHaveProperty('messageKey', first.messageKey)
    expect(leaks(JSON.stringify(events), values)).toEqual([])
  })

  it('was asked of every delivery and every reader that there is', () => {
    const routes = ['by-country', 'by-prefix', 'fallback']
    const wrappers = ['with-circuit-breaker', 'with-retry', 'with-timeout']
    const files = readdirSync('src/deliveries').map((file) => file.replace('.ts', ''))
    const asked = Object.keys({ ...silentCarriers, ...reportingProviders })
    for (const file of files.filter((name) => ![...routes, ...wrappers].includes(name))) {
      expect(asked.some((name) => name.toLowerCase().startsWith(file))).toBe(true)
    }
    const readers = Object.values(reportingProviders).map(({ path }) => path.split(/[-/]/)[0])
    const withoutDelivery = [messagebirdReceipts.name, sinchReceipts.name]
    for (const file of readdirSync('src/receipts')) {
      const name = file.replace('.ts', '')
      expect([...readers, ...withoutDelivery.map((of) => of.replace('Receipts', ''))]).toContain(
        name,
      )
    }
  })

  it('an event that quotes its provider is found out', async () => {
    const { events, values } = await course(reportingProviders.whatsappCloud ?? raise())
    const id = values.at(-1) ?? ''
    for (const leaked of [id, id.slice(6, 18), phone.slice(1), btoa(phone), values[3] ?? '']) {
      expect(leaks(JSON.stringify([...events, { leaked }]), values)).not.toEqual([])
    }
  })
})

function raise(): never {
  throw new Error('no such provider')
}
