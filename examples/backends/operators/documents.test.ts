import { readdirSync, statSync } from 'node:fs'
import { request as rawRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { frameworks } from '../testing/start-site'
import { asAdmin, type Backend, phone, startBackend, whatsapp } from './start-backend'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const ofType = {
  'application/pdf': new TextEncoder().encode('%PDF-1.7\n'),
  'image/png': new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]),
  'image/jpeg': new Uint8Array([0xff, 0xd8, 0xff, 0xe0]),
}
const pdf = ofType['application/pdf']
const most = 5 * 1024 * 1024
const uploaded = z.object({ data: z.object({ id: z.string(), name: z.string() }) })

describe.each(frameworks)('documents on %s', (_name, framework) => {
  async function start() {
    const backend = await startBackend(framework)
    const otp = await backend.receive(whatsapp)
    const { id, session } = await backend.registeredUser({ phone, otp })
    const upload = (name: string, bytes: Uint8Array = pdf, type: string = 'application/pdf') =>
      backend.post(`/operators/me/documents?name=${encodeURIComponent(name)}`, bytes, {
        ...session,
        'Content-Type': type,
      })
    return { ...backend, id, session, upload }
  }
  const filesOf = ({ documentsFolder }: Backend) => {
    try {
      return readdirSync(documentsFolder)
    } catch {
      return []
    }
  }

  it.each(Object.entries(ofType))('of type %s come back as they were', async (type, bytes) => {
    const { get, url, id, session, upload } = await start()
    const { status, body } = await upload('licence 1', bytes, type)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      data: {
        id: expect.stringMatching(uuid),
        name: 'licence 1',
        content_type: type,
        bytes: bytes.length,
        created_at: expect.any(String),
      },
    })
    const { data } = uploaded.parse(body)
    for (const [path, headers] of [
      ['/operators/me/documents', session],
      [`/operators/${id}/documents`, asAdmin],
    ] as const) {
      expect((await get(path, headers)).body).toMatchObject({ data: [data] })
      const file = await fetch(`${url}${path}/${data.id}`, { headers })
      expect(file.status).toBe(200)
      expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes)
      expect(Object.fromEntries(file.headers)).toMatchObject({
        'content-type': type,
        'content-disposition': `attachment; filename*=UTF-8''licence%201.${type.split('/')[1]}`,
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
    }
  })

  it('are not taken from an account that proved no contact', async () => {
    const backend = await startBackend(framework)
    const { session } = await backend.registeredUser()
    const headers = { ...session, 'Content-Type': 'application/pdf' }
    const refused = await backend.post('/operators/me/documents?name=licence', pdf, headers)
    expect(refused.status).toBe(403)
    expect(refused.body).toMatchObject({ message: 'Verify a contact first' })
    expect(filesOf(backend)).toEqual([])
  })

  it('of strangers are refused before a byte of them is read', async () => {
    const { url } = await start()
    const headers = { 'Content-Type': 'application/pdf', 'Content-Length': String(most) }
    const path = '/operators/me/documents?name=licence'
    const status = await new Promise((resolve, reject) => {
      const sent = rawRequest(`${url}${path}`, { method: 'POST', headers }, (response) => {
        resolve(response.statusCode)
        sent.destroy()
      })
      sent.on('error', reject)
      // Nothing of the body follows: whoever waited for it would never answer.
      sent.flushHeaders()
    })
    expect(status).toBe(401)
  })

  it('are at most 5 MB', async () => {
    const backend = await start()
    const large = new Uint8Array(most + 1)
    large.set(pdf)
    expect((await backend.upload('large', large.subarray(0, most))).status).toBe(201)
    const refused = await backend.upload('too large', large)
    expect(refused.status).toBe(413)
    expect(refused.body).toMatchObject({ message: 'The request body is over 5 MB' })
    expect(filesOf(backend)).toHaveLength(1)
  })

  it('are what they are said to be, and of a type that is taken', async () => {
    const backend = await start()
    const html = new TextEncoder().encode('<script>alert(1)</script>')
    const refused = [
      [html, 'application/pdf', 400],
      [ofType['image/png'], 'application/pdf', 400],
      [new Uint8Array(), 'application/pdf', 400],
      [pdf.subarray(0, 4), 'application/pdf', 400],
      [new TextEncoder().encode(' %PDF-1.7'), 'application/pdf', 400],
      [html, 'text/html', 415],
      [pdf, 'image/svg+xml', 415],
      [pdf, 'application/pdf, text/html', 415],
      [pdf, 'application/json', 415],
      [pdf, '', 415],
    ] as const
    for (const [bytes, type, status] of refused) {
      expect([type, (await backend.upload('name', bytes, type)).status]).toEqual([type, status])
    }
    expect(filesOf(backend)).toEqual([])
    const named = 'Application/PDF; name="licence.pdf"'
    expect((await backend.upload('name', pdf, named)).body).toMatchObject({
      data: { content_type: 'application/pdf' },
    })
  })

  it('have names in any script, which are never a path or a header', async () => {
    const backend = await start()
    const { get, session, upload } = backend
    const names = [
      '../../../etc/passwd',
      '/etc/passwd',
      'C:\\boot.ini',
      '..',
      `"; filename="evil.html`,
      "it's (1)*.pdf",
      'پروانه‌ی کار.pdf',
      '🚌.pdf',
      '%2e%2e%2f',
    ]
    for (const name of names) {
      const { data } = uploaded.parse((await upload(name)).body)
      expect(data.name).toBe(name)
      const { headers } = await get(`/operators/me/documents/${data.id}`, session)
      const [, encoded = ''] =
        /^attachment; filename\*=UTF-8''([\w!~.%-]+)$/.exec(
          headers.get('Content-Disposition') ?? '',
        ) ?? []
      expect(decodeURIComponent(encoded)).toBe(name.endsWith('.pdf') ? name : `${name}.pdf`)
    }
    const files = filesOf(backend)
    expect(files).toHaveLength(names.length)
    for (const file of files) expect(file).toMatch(uuid)

    const refused = ['', ' ', 'a\r\nX: y', 'a\u0000b', '\u202efdp.exe', '\u2066a', 'x'.repeat(201)]
    for (const name of refused) expect((await upload(name)).status).toBe(400)
    const headers = { ...session, 'Content-Type': 'application/pdf' }
    const twice = await backend.post('/operators/me/documents?name=a&name=b', pdf, headers)
    expect(twice.status).toBe(400)
    expect(filesOf(backend)).toHaveLength(names.length)
  })

  it('come back with the extension of their type', async () => {
    const { get, session, upload } = await start()
    for (const [name, type, file] of [
      ['evil.html', 'image/png', 'evil.html.png'],
      ['scan.PNG', 'image/png', 'scan.PNG'],
      ['scan.png', 'image/jpeg', 'scan.png.jpeg'],
      ['scan.jpg', 'image/jpeg', 'scan.jpg'],
      ['licence.pdf.exe', 'application/pdf', 'licence.pdf.exe.pdf'],
    ] as const) {
      const { data } = uploaded.parse((await upload(name, ofType[type], type)).body)
      const { headers } = await get(`/operators/me/documents/${data.id}`, session)
      expect(headers.get('Content-Disposition')).toBe(`attachment; filename*=UTF-8''${file}`)
    }
  })

  it('are their own operator’s, and the administrators’', async () => {
    const { get, post, id, session, upload, registeredUser } = await start()
    const { data } = uploaded.parse((await upload('licence')).body)
    const other = await registeredUser({ username: 'other' })
    const mine = `/operators/${id}/documents`
    for (const path of [mine, `${mine}/${data.id}`]) {
      expect((await get(path, other.session)).status).toBe(403)
      expect((await get(path)).status).toBe(401)
    }
    const put = { ...other.session, 'Content-Type': 'application/pdf' }
    expect((await post(`${mine}?name=x`, pdf, put)).status).toBe(403)
    // By its id under somebody else's own path it is not there either.
    expect((await get(`/operators/me/documents/${data.id}`, other.session)).status).toBe(404)
    expect((await get(`/operators/${other.id}/documents/${data.id}`, asAdmin)).status).toBe(404)
    expect((await get(`${mine}/${data.id}`, session)).status).toBe(200)
  })

  it('are in no folder that an address leads to', async () => {
    const backend = await start()
    const { upload, documentsFolder, session, url } = backend
    const { data } = uploaded.parse((await upload('licence')).body)
    expect(filesOf(backend)).toEqual([data.id])
    expect(statSync(documentsFolder).mode & 0o777).toBe(0o700)
    expect(statSync(`${documentsFolder}/${data.id}`).mode & 0o777).toBe(0o600)
    const base = '/operators/me/documents/'
    const addresses = [
      `${base}..%2f..%2foperators.db`,
      `${base}..%252f..%252foperators.db`,
      `${base}%2e%2e%2f%2e%2e%2fpackage.json`,
      `${base}..%5c..%5cpackage.json`,
      `${base}../documents/${data.id}x`,
      `${base}../../../package.json`,
      `${base}%2fetc%2fpasswd`,
      `${base}${data.id}%00`,
      `${base}${data.id.toUpperCase()}`,
      `${base}%`,
      `${base}%25`,
      `/documents/${data.id}`,
      `/data/documents/${data.id}`,
    ]
    for (const path of addresses) {
      // Sent as it is: fetch would resolve the dots.
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const sent = rawRequest(url, { path, headers: session }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
        sent.on('error', reject).end()
      })
      expect([400, 404], path).toContain(status)
    }
  })

  it('are twenty at most, also of many at once', async () => {
    const backend = await start()
    const uploads = Array.from({ length: 25 }, (_, index) => backend.upload(`document ${index}`))
    const statuses = (await Promise.all(uploads)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(20)
    expect(statuses.filter((status) => status === 409)).toHaveLength(5)
    const { body } = await backend.get('/operators/me/documents', backend.session)
    expect(Object(body).data).toHaveLength(20)
    expect(filesOf(backend)).toHaveLength(20)
  })
})
