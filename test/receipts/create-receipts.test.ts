import { createHmac } from 'node:crypto'
import { OtpManager, type Receipt, type ReceiptReader } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { createReceipts } from 'otpkit/receipts'
import { whatsappReceipts } from 'otpkit/receipts/whatsapp'
import { describe, expect, it } from 'vitest'
import type { OtpEvent } from '../../src/events'
import { testMessage, useProviderServer } from '../deliveries/delivery-suite'
import { emailMessage } from '../deliveries/samples'
import { secret } from '../fixture'
import { publicOrigin, reportingProviders } from './providers'

/** A handler that keeps what it tells. */
function handlerOf(readers: Readonly<Record<string, ReceiptReader>>, origin = publicOrigin) {
  const told: Receipt[] = []
  const receipts = createReceipts({ receipt: (receipt) => told.push(receipt) }, { origin, readers })
  return { receipts, told }
}

const always: ReceiptReader = {
  parse: async ({ body }) => [{ provider: 'p', messageId: body, status: 'sent' }],
}

describe('one handler for all providers', () => {
  const server = useProviderServer()
  const readers = Object.fromEntries(
    Object.values(reportingProviders).map(({ path, reader }) => [path.split('/')[0], reader()]),
  )

  it.each(Object.entries(reportingProviders))(
    'S77 reads the reports of %s',
    async (_, provider) => {
      const { delivery, taken, report, channel, path } = provider
      server().behave(taken('8792343000123'))
      const message = channel === 'email' ? emailMessage() : testMessage()
      const { messageId } = await delivery(server().url).deliver(message)
      const sent = server().lastRequest()
      const { reference } = message
      const of = { id: '8792343000123', reference, sent, status: 'delivered' } as const
      const { url, ...init } = report(of)
      const { receipts, told } = handlerOf(readers)
      // Behind a proxy it is called under another name than the provider used.
      const { pathname, search } = new URL(url)
      const inside = `http://10.0.0.7:3000${pathname}${search}`
      const asked = await receipts(new Request(inside, init))
      expect([asked.status, await asked.text()]).toEqual([200, ''])
      expect(told).toMatchObject([{ messageId, status: 'delivered' }])

      const isSigned = !path.includes('/')
      const forged = isSigned ? url : url.replace(/.(?=$|\?)/, 'x')
      const altered = isSigned ? { ...init, headers: {}, body: init.body.slice(0, -1) } : init
      const refused = await receipts(new Request(forged, altered))
      expect([refused.status, await refused.text()]).toEqual([403, ''])
      expect(told).toHaveLength(1)
    },
  )

  it('answers what it cannot read with a status, and tells nothing', async () => {
    const { receipts, told } = handlerOf({ always, never: { parse: async () => null } })
    const status = async (path: string, init?: RequestInit) =>
      (await receipts(new Request(`${publicOrigin}${path}`, init))).status
    const body = 'x'
    for (const path of [
      '/',
      '/hooks',
      '/hooks/other',
      '/always/a/b',
      '/constructor',
      '/__proto__',
      '/%61lways',
      '/%',
    ]) {
      expect(await status(path, { method: 'POST', body })).toBe(404)
    }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
      expect(await status('/hooks/always', { method })).toBe(405)
    }
    expect(await status('/hooks/never', { method: 'POST', body })).toBe(403)
    expect(await status('/hooks/never')).toBe(403)
    expect(told).toEqual([])
    expect(await status('/always/', { method: 'POST', body })).toBe(200)
    expect(await status('/a/b/always/secret', { method: 'POST', body })).toBe(200)
    expect(told).toHaveLength(2)
  })

  it('says which methods there are, and lets nobody keep its answers', async () => {
    const { receipts } = handlerOf({ always })
    const { headers } = await receipts(new Request(`${publicOrigin}/always`, { method: 'PUT' }))
    expect(headers.get('allow')).toBe('GET, POST')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('reads the very bytes, up to 4 MB of them', async () => {
    const { receipts, told } = handlerOf({ always })
    const post = (body: BodyInit, headers = {}) => {
      const init = { method: 'POST', body, headers, duplex: 'half' }
      return receipts(new Request(`${publicOrigin}/always`, init))
    }
    const text = '\ufeff{"é": "کد"}\r\n'
    expect((await post(text)).status).toBe(200)
    expect(told[0]?.messageId).toBe(text)
    const most = 4 * 1024 * 1024
    expect((await post('x'.repeat(most))).status).toBe(200)
    expect((await post('x'.repeat(most + 1))).status).toBe(413)
    let pulled = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled += 1
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    expect((await post(endless)).status).toBe(413)
    expect(pulled).toBeLessThan(70)
    expect((await post('x', { 'content-length': String(most + 1) })).status).toBe(413)
    expect(told).toHaveLength(2)
  })

  it('answers a body that breaks off with 400', async () => {
    const { receipts, told } = handlerOf({ always })
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error('connection reset')),
    })
    const init = { method: 'POST', body, duplex: 'half' }
    expect((await receipts(new Request(`${publicOrigin}/always`, init))).status).toBe(400)
    expect(told).toEqual([])
  })

  it.each([
    ['https://otp.example.com', '/hooks/asked', 'https://otp.example.com/hooks/asked'],
    ['https://otp.example.com/', '/hooks/asked', 'https://otp.example.com/hooks/asked'],
    // A proxy or a mount has taken the path off, or it has not.
    ['https://example.com/api', '/hooks/asked', 'https://example.com/api/hooks/asked'],
    ['https://example.com/api/v1/', '/asked', 'https://example.com/api/v1/asked'],
    ['https://example.com/api', '/api/hooks/asked', 'https://example.com/api/hooks/asked'],
    ['https://example.com/api', '/apis/asked', 'https://example.com/api/apis/asked'],
  ])('S77 below %s a request for %s was signed for %s', async (origin, path, signed) => {
    const urls: string[] = []
    const asked: ReceiptReader = {
      parse: async ({ url }) => {
        urls.push(url)
        return []
      },
    }
    const { receipts } = handlerOf({ asked }, origin)
    await receipts(new Request(`http://10.0.0.7:3000${path}?a=%20b`, { method: 'POST' }))
    expect(urls).toEqual([`${signed}?a=%20b`])
  })

  it('answers the question by which Meta checks the address', async () => {
    const whatsapp = whatsappReceipts({ appSecret: 'app', verifyToken: 'word-of-our-own' })
    const { receipts, told } = handlerOf({ whatsapp })
    const ask = async (word: string, challenge: string) => {
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.verify_token': word,
        'hub.challenge': challenge,
      })
      const answer = await receipts(new Request(`${publicOrigin}/hooks/whatsapp?${query}`))
      return [answer.status, await answer.text(), answer.headers.get('content-type')]
    }
    const plain = 'text/plain; charset=utf-8'
    expect(await ask('word-of-our-own', '1158201444')).toEqual([200, '1158201444', plain])
    expect(await ask('another', '1158201444')).toEqual([403, '', plain])
    expect(await ask('word-of-our-own', '<script>')).toEqual([403, '', plain])
    expect(told).toEqual([])
  })
})

describe('a manager that is told', () => {
  const appSecret = 'app-secret'
  const id = 'wamid.HBgMOTE5ODc2NTQzMjEwFQIAERgSQjE='

  function report(status: string) {
    const statuses = [{ id, status, recipient_id: '919876543210' }]
    const body = JSON.stringify({
      entry: [{ changes: [{ field: 'messages', value: { statuses } }] }],
    })
    const signature = createHmac('sha256', appSecret).update(body).digest('hex')
    const headers = { 'x-hub-signature-256': `sha256=${signature}` }
    return new Request(`${publicOrigin}/whatsapp`, { method: 'POST', body, headers })
  }

  it('tells each report under the name of its message: before the answer, twice, in any order', async () => {
    let answer: () => void = () => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    const otp = new OtpManager({
      secret,
      database: memory(),
      deliveries: {
        whatsapp: {
          name: 'whatsapp',
          reaches: ['phone'],
          deliver: async () => {
            await answered
            return { provider: 'whatsapp', messageId: id }
          },
        },
      },
      countries: ['IN'],
      purposes: ['login'],
    })
    const events: OtpEvent[] = []
    otp.subscribe((event) => void events.push(event))
    const receipts = createReceipts(otp, {
      origin: publicOrigin,
      readers: { whatsapp: whatsappReceipts({ appSecret, verifyToken: 'w' }) },
    })
    const sent = otp.send({ to: '+919876543210', channel: 'whatsapp', purpose: 'login', ip: null })
    for (const status of ['delivered', 'sent', 'delivered']) await receipts(report(status))
    answer()
    expect(await sent).toMatchObject({ ok: true })
    await receipts(report('read'))
    const seen = events.map((event) => [
      event.type,
      event.type === 'receipt' ? event.status : undefined,
    ])
    expect(seen).toEqual([
      ['receipt', 'delivered'],
      ['receipt', 'sent'],
      ['receipt', 'delivered'],
      ['sent', undefined],
      ['receipt', 'read'],
    ])
    const keys = events.map((event) => 'messageKey' in event && event.messageKey)
    expect(new Set(keys).size).toBe(1)
    expect(JSON.stringify(events)).not.toContain(id.slice(6, 18))
  })

  it('whose listener fails answers 200 all the same', async () => {
    const otp = new OtpManager({
      secret,
      database: memory(),
      deliveries: {
        email: { name: 'm', reaches: ['email'], deliver: async () => ({ provider: 'm' }) },
      },
      purposes: ['login'],
    })
    otp.subscribe(() => Promise.reject(new Error('the log is full')))
    const receipts = createReceipts(otp, { origin: publicOrigin, readers: { always } })
    const request = new Request(`${publicOrigin}/always`, { method: 'POST', body: 'm' })
    expect((await receipts(request)).status).toBe(200)
  })
})

describe('what is wrong with the mounting', () => {
  it.each([
    ['origin', '', { always }],
    ['origin', 'otp.example.com', { always }],
    ['origin', 'https://otp.example.com:443', { always }],
    ['origin', 'https://OTP.example.com', { always }],
    ['origin', 'https://hunter2@otp.example.com', { always }],
    ['origin', 'https://otp.example.com/hooks?a=b', { always }],
    ['origin', 'https://otp.example.com/hooks#a', { always }],
    ['origin', 'https://otp.example.com/a/../hooks', { always }],
    ['origin', 'ftp://otp.example.com', { always }],
    ['origin', undefined, { always }],
    ['readers', publicOrigin, {}],
    ['readers', publicOrigin, undefined],
    ['readers', publicOrigin, { 'a/b': always }],
    ['readers', publicOrigin, { ['x'.repeat(32)]: always }],
    ['readers.twilio', publicOrigin, { twilio: {} }],
    ['readers.twilio', publicOrigin, { twilio: undefined }],
  ])('is a TypeError that names %s', (option, origin, readers) => {
    const otp = { receipt: () => {} }
    const create = () => Reflect.apply(createReceipts, undefined, [otp, { origin, readers }])
    expect(create).toThrow(`otpkit: createReceipts: option \`${option}\` `)
    expect(create).not.toThrow('hunter2')
  })

  it.each([undefined, {}, 'sent', true])(
    'is a TypeError where a reader of your own gives %j',
    async (given) => {
      const readers = { odd: { parse: async () => given } }
      const otp = { receipt: () => {} }
      const options = { origin: publicOrigin, readers }
      const receipts = Reflect.apply(createReceipts, undefined, [otp, options])
      const text = 'otpkit: createReceipts: option `readers` must give a list of receipts, or null'
      await expect(receipts(new Request(`${publicOrigin}/odd`))).rejects.toThrow(text)
    },
  )

  it.each([undefined, null, {}, [], 'otp', { receipt: true }])(
    'is a TypeError for %j in place of the manager',
    (otp) => {
      const options = { origin: publicOrigin, readers: { always } }
      const create = () => Reflect.apply(createReceipts, undefined, [otp, options])
      expect(create).toThrow('otpkit: createReceipts: option `otp` must be an OtpManager')
    },
  )

  it('is a TypeError where the body was read before', async () => {
    const { receipts } = handlerOf({ always })
    const request = new Request(`${publicOrigin}/always`, { method: 'POST', body: 'x' })
    await request.text()
    await expect(receipts(request)).rejects.toThrow('the body of the request was read before')
  })
})
