import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Receipt, ReceiptReader, WebhookRequest } from '../../src/receipt'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
console.info(`test/receipts: OTPKIT_SEED=${seed}`)

/** When the vectors were signed. */
export const signedAtMs = 1_768_478_400_000
export const clock = () => signedAtMs

/** A webhook's request as the provider made it, with what has to be read in it. */
export interface AuthenticWebhook {
  /** A reader at this moment, under the right key or under another one. */
  reader(key: 'right' | 'wrong', clock: () => number): ReceiptReader
  readonly request: WebhookRequest & { readonly headers: Readonly<Record<string, string>> }
  readonly receipts: readonly Receipt[]
  /** What the signature covers, and the headers that it needs. */
  readonly signed: {
    readonly headers: readonly string[]
    /** Its very bytes, or its fields written one after another without separators. */
    readonly body: 'bytes' | 'fields' | 'nothing'
    readonly url: boolean
  }
  /** The earliest and latest moments at which the request counts as fresh. */
  readonly fresh?: readonly [fromMs: number, untilMs: number]
}

/** A POST with a form. */
export function formPost(
  url: string,
  fields: Readonly<Record<string, string | readonly string[]>>,
  headers: Readonly<Record<string, string>> = {},
) {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) form.append(name, one)
  }
  return { method: 'POST', url, headers, body: form.toString() }
}

/** A POST with this body. */
export function post(url: string, body: string, headers: Readonly<Record<string, string>> = {}) {
  return { method: 'POST', url, headers, body }
}

/** Proves what holds for the webhook of every provider. */
export function describeWebhook(title: string, webhook: AuthenticWebhook): void {
  const { request, receipts, signed, fresh } = webhook
  const reader = webhook.reader('right', clock)
  const parse = (changes: Partial<WebhookRequest>, by = reader) =>
    by.parse({ ...request, ...changes })

  describe(title, () => {
    it('S77 is read, whatever form the headers have', async () => {
      const upper = Object.entries(request.headers).map(([name, value]) => [
        name.toUpperCase(),
        value,
      ])
      expect(await parse({})).toEqual(receipts)
      expect(await parse({ headers: new Headers(request.headers) })).toEqual(receipts)
      expect(await parse({ headers: Object.fromEntries(upper) })).toEqual(receipts)
    })

    it('S77 is refused under another key', async () => {
      expect(await parse({}, webhook.reader('wrong', clock))).toBeNull()
    })

    it('S77 is refused with another method', async () => {
      for (const method of ['', 'get ', 'HEAD', 'PUT', 'OPTIONS']) {
        expect(await parse({ method })).toBeNull()
      }
    })

    it.each(signed.headers)(
      'S77 is refused when %s is missing, empty, other or doubled',
      async (name) => {
        const { [name]: value = '', ...others } = request.headers
        expect(value).not.toBe('')
        const flipped = (value.startsWith('1') ? '2' : '1') + value.slice(1)
        const long = 'A'.repeat(100_000)
        for (const wrong of [
          undefined,
          '',
          flipped,
          `${value}x`,
          value.slice(1),
          long,
          [value, value],
        ]) {
          expect(await parse({ headers: { ...others, [name]: wrong } })).toBeNull()
        }
        expect(
          await parse({ headers: { ...request.headers, [name.toUpperCase()]: 'x' } }),
        ).toBeNull()
      },
    )

    const anyEdit = fc.tuple(fc.nat({ max: request.body.length }), fc.string({ maxLength: 3 }))
    const edited = ([place, text]: readonly [number, string]) =>
      request.body.slice(0, place) + text + request.body.slice(place + 1)

    if (signed.body === 'bytes')
      it('S77 is refused with any other body', async () => {
        const property = fc.asyncProperty(anyEdit.map(edited), async (body) => {
          if (body !== request.body) expect(await parse({ body })).toBeNull()
        })
        await fc.assert(property, { seed, numRuns: 200 })
        if (request.body !== '') expect(await parse({ body: '' })).toBeNull()
      })

    // Without separators `a=bc` is signed like `ab=c`, so an edit can lose a field; not make one.
    if (signed.body === 'fields')
      it('S77 says nothing else with any other body', async () => {
        const said = receipts.map(({ messageId, status }) => ({ messageId, status }))
        const property = fc.asyncProperty(anyEdit.map(edited), async (body) => {
          for (const { messageId, status } of (await parse({ body })) ?? []) {
            if (status !== 'unknown') expect(said).toContainEqual({ messageId, status })
          }
        })
        await fc.assert(property, { seed, numRuns: 200 })
        if (request.body !== '') expect(await parse({ body: '' })).toBeNull()
      })

    if (signed.url)
      it('S77 is refused at another URL', async () => {
        const { url } = request
        const { host, pathname } = new URL(url)
        for (const other of [
          url.replace(host, `evil.${host}`),
          url.replace('https:', 'http:'),
          url.replace(pathname, `${pathname}x`),
          `${url}${url.includes('?') ? '&' : '?'}x=1`,
        ]) {
          expect(await parse({ url: other })).toBeNull()
        }
      })

    if (fresh !== undefined)
      it('S77 is refused outside its window of time', async () => {
        const [fromMs, untilMs] = fresh ?? [0, 0]
        const at = (nowMs: number) =>
          parse(
            {},
            webhook.reader('right', () => nowMs),
          )
        expect(await at(fromMs)).toEqual(receipts)
        expect(await at(untilMs)).toEqual(receipts)
        expect(await at(fromMs - 1)).toBeNull()
        expect(await at(untilMs + 1)).toBeNull()
      })

    it('S77 is refused with a body of several megabytes, before anything is computed', async () => {
      const computing = [
        vi.spyOn(crypto.subtle, 'sign'),
        vi.spyOn(crypto.subtle, 'verify'),
        vi.spyOn(crypto.subtle, 'digest'),
      ]
      expect(await parse({ body: request.body + ' '.repeat(5 * 1024 * 1024) })).toBeNull()
      for (const step of computing) {
        expect(step).not.toHaveBeenCalled()
        step.mockRestore()
      }
    })

    it('S77 is refused where the URL is none', async () => {
      expect(await parse({ url: 'https://' })).toBeNull()
      expect(await parse({ url: 'https://otp.example.com:x/' })).toBeNull()
    })

    it('is a TypeError without the raw body or the absolute URL', async () => {
      const misuse = (changes: object) =>
        Reflect.apply(reader.parse, reader, [{ ...request, ...changes }])
      const noText = new TypeError(
        'otpkit: the body of a webhook must be the raw text of the request',
      )
      await expect(misuse({ body: { parsed: true } })).rejects.toThrow(noText)
      await expect(misuse({ body: undefined })).rejects.toThrow(noText)
      await expect(misuse({ url: '/hooks' })).rejects.toThrow(
        new TypeError('otpkit: the url of a webhook must be absolute'),
      )
    })

    it('gives receipts that hold no number and no address', () => {
      const numbers = `${decodeURIComponent(request.body)} ${request.url}`.match(
        /(?<![\w-])\+?\d{10,15}(?![\w-])|[\w.]+@[\w.]+/g,
      )
      const known = receipts.map(({ messageId }) => messageId)
      for (const number of numbers ?? []) {
        if (!known.includes(number)) expect(JSON.stringify(receipts)).not.toContain(number)
      }
    })
  })
}
