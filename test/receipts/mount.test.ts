import { createServer } from 'node:http'
import express from 'express'
import { twilioReceipts } from 'otpkit/receipts/twilio'
import { whatsappReceipts } from 'otpkit/receipts/whatsapp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }

const publicOrigin = 'https://otp.example.com'
const form = vectors.twilio.form[1]
const batch = vectors.metaWhatsApp.cases[0]
const escaped = vectors.metaWhatsApp.cases[1]
const twilio = twilioReceipts({ authToken: form?.authToken ?? '' })
const whatsapp = whatsappReceipts({
  appSecret: vectors.metaWhatsApp.appSecret,
  verifyToken: 'word-of-our-own',
})

// As docs/receipts.md says.
const app = express()
app.use('/hooks', express.text({ type: () => true, limit: '4mb' }))
for (const [provider, reader] of Object.entries({ twilio, whatsapp })) {
  app.all(`/hooks/${provider}`, async ({ method, originalUrl, headers, body }, response) => {
    const text = typeof body === 'string' ? body : ''
    const request = { method, url: `${publicOrigin}${originalUrl}`, headers, body: text }
    const receipts = await reader.parse(request)
    response.status(receipts === null ? 403 : 200).json(receipts)
  })
}

const server = createServer(app)
let origin = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address === 'object') origin = `http://127.0.0.1:${address?.port}`
})
afterAll(() => server.close())

async function send(path: string, init: RequestInit) {
  const response = await fetch(`${origin}${path}`, init)
  return [response.status, await response.json()]
}

describe('readers mounted on Express', () => {
  it('S77 read the raw body and the public URL', async () => {
    const { pathname, search } = new URL(form?.url ?? '')
    const init = {
      method: 'POST',
      body: new URLSearchParams(Object.entries(form?.params ?? {}).map(([a, b]) => [a, String(b)])),
      headers: { 'x-twilio-signature': form?.signature ?? '' },
    }
    expect(await send(`${pathname}${search}`, init)).toEqual([
      200,
      [expect.objectContaining({ provider: 'twilio', status: 'failed' })],
    ])
    expect(await send(pathname, init)).toEqual([403, null])
    expect(await send(`${pathname}${search}`, { ...init, headers: {} })).toEqual([403, null])
    expect(await send(`${pathname}${search}`, {})).toEqual([403, null])
  })

  it('S77 read JSON byte by byte', async () => {
    for (const [vector, count] of [
      [batch, 1],
      [escaped, 0],
    ] as const) {
      const init = (signature = '') => ({
        method: 'POST',
        body: vector?.body ?? '',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
      })
      const [status, receipts] = await send('/hooks/whatsapp', init(vector?.header))
      expect([status, receipts.length]).toEqual([200, count])
      expect(await send('/hooks/whatsapp', init('sha256=00'))).toEqual([403, null])
    }
  })

  it('read the requests of fetch', async () => {
    const request = new Request(`${publicOrigin}/hooks/whatsapp`, {
      method: 'POST',
      body: batch?.body ?? '',
      headers: { 'x-hub-signature-256': batch?.header ?? '' },
    })
    const { method, url, headers } = request
    const body = await request.text()
    expect(await whatsapp.parse({ method, url, headers, body })).toHaveLength(1)
  })
})
