import { type Delivery, DeliveryError, OtpManager, type OtpPlaces } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DumpedDatabase, dumpedDatabases } from './dumps'

/** So many characters in a row of what names somebody, or is secret, are as good as all of it. */
const tellTale = 12

/** What nobody may find: under the name of each, its values. */
type Canaries = Readonly<Record<string, readonly string[]>>

/** The pieces of a value that give it away; a short one counts as a whole only. */
function piecesOf(value: string): string[] {
  const count = Math.max(1, value.length - tellTale + 1)
  return Array.from({ length: count }, (_, from) => value.slice(from, from + tellTale))
}

/** The characters that a piece is written with in the midst of a text in base 64. */
function inBase64(piece: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(piece)])
  const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)]
  return bytes.toString('base64').slice(from, to)
}

/** Which of the canaries a text gives away, in letters of any size, hexadecimal or base 64. */
function leaks(text: string, canaries: Canaries): string[] {
  const searches = [
    searchIn(text.toLowerCase(), (piece) => [
      piece.toLowerCase(),
      Buffer.from(piece).toString('hex'),
    ]),
    searchIn(text.replaceAll('-', '+').replaceAll('_', '/'), (piece) =>
      [0, 1, 2].map((before) => inBase64(piece, before)),
    ),
  ]
  const isFound = (value: string) =>
    piecesOf(value).some((piece) => searches.some((holds) => holds(piece)))
  const found = Object.entries(canaries).filter(([, values]) => values.some(isFound))
  return found.map(([name]) => name)
}

/** Looks for a piece, as it may be written, in a text: quickly, since there are thousands. */
function searchIn(text: string, spell: (piece: string) => string[]): (piece: string) => boolean {
  const start = 8
  const starts = new Set<string>()
  for (let at = 0; at < text.length; at += 1) starts.add(text.slice(at, at + start))
  return (piece) =>
    spell(piece).some((word) => starts.has(word.slice(0, start)) && text.includes(word))
}

/** A provider whose ids hold the recipient, as WhatsApp's do. */
function provider(reaches: Delivery['reaches']) {
  const sent: { readonly messageId: string; readonly code: string }[] = []
  let refuses = false
  const delivery: Delivery = {
    name: 'wide-open',
    reaches,
    deliver: async ({ to, code = '' }) => {
      const random = Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('hex')
      const messageId = `wamid.${Buffer.from(to).toString('base64')}${random}`
      sent.push({ messageId, code })
      if (!refuses) return { provider: 'wide-open', messageId }
      const error = new DeliveryError({ kind: 'misconfigured', sent: 'no', provider: 'wide-open' })
      throw Object.assign(error, { message: `${code} for ${to}`, cause: { messageId } })
    },
  }
  return {
    delivery,
    sent,
    lastCode: () => sent.at(-1)?.code ?? '',
    refuse: (next: boolean) => {
      refuses = next
    },
  }
}

interface Course {
  readonly bind: 'recipient' | 'challenge'
  readonly resend: 'same' | 'new'
}

const courses: readonly Course[] = [
  { bind: 'recipient', resend: 'same' },
  { bind: 'recipient', resend: 'new' },
  { bind: 'challenge', resend: 'same' },
  { bind: 'challenge', resend: 'new' },
]

/** Everything that happens to codes of two people; in the end some are alive and some are used. */
async function run(places: OtpPlaces, { bind, resend }: Course) {
  const secret = crypto.randomUUID() + crypto.randomUUID()
  const [phones, mails] = [provider(['phone']), provider(['email'])]
  const otp = new OtpManager({
    ...places,
    secret,
    namespace: crypto.randomUUID(),
    deliveries: { sms: phones.delivery, email: mails.delivery },
    countries: ['IN'],
    purposes: ['login', 'signup', 'reset'],
    // Ten characters of base 32 are in no dump by chance.
    alphabet: 'base32',
    codeLength: 10,
    bind,
    resend,
    limits: { cooldown: false, recipient: [], ip: [{ max: 99, per: '1h' }], verifyIp: [] },
  })
  const lines: string[] = []
  const names: string[] = []
  otp.subscribe((event) => {
    lines.push(JSON.stringify(event))
    const { fingerprint = '', challengeKey = fingerprint } = event
    if (fingerprint !== '') names.push(fingerprint, challengeKey)
    if (event.type === 'sent' && event.messageKey !== undefined) names.push(event.messageKey)
  })

  const answers: { readonly challengeId: string; readonly messageId?: string }[] = []
  const proofs: string[] = []
  const people = [
    { channel: 'sms', to: '+919876543210', by: phones },
    { channel: 'email', to: 'canary.person+tag@mail.in', by: mails },
  ] as const
  for (const { channel, to, by } of people) {
    const ip = '203.0.113.7'
    const send = async (purpose: 'login' | 'signup' | 'reset', deliver = true) => {
      const sent = await otp.send({ to, channel, ip, purpose, deliver })
      if (!sent.ok) throw new Error(`not sent: ${sent.reason}`)
      answers.push(sent)
      return sent
    }
    await send('login')
    for (const isRedeemed of [true, false]) {
      const { challengeId } = await send('login')
      const again = await otp.resend({ challengeId, ip })
      if (!again.ok) throw new Error(`not resent: ${again.reason}`)
      answers.push(again)
      const code = by.lastCode()
      const wrong = `${code.slice(0, 9)}${code.endsWith('A') ? 'B' : 'A'}`
      const guess = { challengeId: again.challengeId, purpose: 'login', ip, proof: '5m' } as const
      expect(await otp.verify({ ...guess, code: wrong })).toMatchObject({ reason: 'incorrect' })
      const verified = await otp.verify({ ...guess, code })
      if (!verified.ok || verified.proof === undefined) throw new Error('not verified')
      proofs.push(verified.proof)
      if (isRedeemed) await otp.redeem(verified.proof, { purpose: 'login' })
      expect(await otp.verify({ ...guess, code })).toMatchObject({ reason: 'used' })
    }
    await send('signup', false)
    await send('reset')
    by.refuse(true)
    await expect(send('signup')).rejects.toThrow()
    by.refuse(false)
    await send('login')
  }

  const messages = [...phones.sent, ...mails.sent]
  const canaries: Canaries = {
    handle: answers.map(({ challengeId }) => challengeId),
    'phone number': ['+919876543210', '919876543210', '9876543210'],
    address: ['canary.person+tag@mail.in', 'canary.person+tag', 'canary.person', 'canaryperson'],
    'message id': [
      ...messages.map(({ messageId }) => messageId),
      ...answers.flatMap(({ messageId = [] }) => messageId),
    ],
    code: messages.map(({ code }) => code),
    secret: [secret],
    proof: proofs,
  }
  return { canaries, log: lines.join('\n'), names: { 'name of a log': [...new Set(names)] } }
}

describe.each(Object.entries(dumpedDatabases))('S83 a stolen %s', (_, open) => {
  let opened: DumpedDatabase
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  it.each(courses)(
    'and log tell nothing of anybody: bind $bind, resend $resend',
    async (course) => {
      for (const places of opened.places) {
        const { canaries, log, names } = await run(places, course)
        const dump = await opened.dump()
        expect(leaks(dump, canaries), 'in the dump').toEqual([])
        expect(leaks(log, canaries), 'in the log').toEqual([])
        expect(leaks(dump, names), 'in both').toEqual([])
      }
    },
  )

  it('gives away whatever is planted in a row or a key, some of it in code', async () => {
    const [{ database }] = opened.places
    const { canaries, names } = await run({ database }, { bind: 'challenge', resend: 'same' })
    const all = { ...canaries, ...names }
    expect(leaks(await opened.dump(), all)).toEqual([])
    const put = (data: string) => {
      const id = crypto.randomUUID()
      return database.put({ id, digest: 'digest', attempts: 3, ttlMs: 60_000, data })
    }
    const ways: readonly ((piece: string) => Promise<unknown>)[] = [
      (piece) => put(`1 ${piece}`),
      (piece) => database.take([{ key: `m${piece}`, max: 5, windowMs: 60_000 }]),
      (piece) => put(Buffer.from(`1${piece}`).toString('base64url')),
    ]
    for (const [index, values] of Object.values(all).entries()) {
      // The last so many characters of the last value are as good as all of it.
      await ways[index % ways.length]?.((values.at(-1) ?? '').slice(-tellTale))
    }
    expect(leaks(await opened.dump(), all)).toEqual(Object.keys(all))
  })
})

it('a log that prints what it must not is found out', async () => {
  const { canaries, log } = await run({ database: memory() }, { bind: 'recipient', resend: 'same' })
  for (const [name, values] of Object.entries(canaries)) {
    const printed = values.map((value) => leaks(`${log} ${JSON.stringify({ value })}`, canaries))
    expect(printed.every((found) => found.includes(name))).toBe(true)
  }
})
