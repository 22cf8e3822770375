import { describe, expect, it } from 'vitest'
import { phone } from '../fixture'
import { createHandlerFixture } from './ask'

const own = 'https://app.example.com'
const named = 'https://shop.example.com'

describe('a request from another site', () => {
  it.each([
    [{}, true],
    [{ 'sec-fetch-site': 'same-origin', origin: own }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    // Behind a proxy that changes the host, the browser still knows.
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://public.example.com' }, true],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://evil.example.com' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: own }, false],
    [{ 'sec-fetch-site': 'same-origin, cross-site' }, false],
    [{ origin: own }, true],
    [{ origin: 'http://app.example.com', host: 'APP.example.com' }, true],
    [{ origin: 'http://app.example.com', host: 'app.example.com:80' }, true],
    [{ origin: own, host: 'app.example.com:443' }, true],
    [{ origin: own, host: 'app.example.com:80' }, false],
    [{ origin: own, host: 'app.example.com:8443' }, false],
    [{ origin: own, host: '' }, false],
    [{ origin: 'https://app.example.com:8443' }, false],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'https://app.example.com.evil.example' }, false],
    [{ origin: 'null' }, false],
    [{ origin: '' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: named }, true],
    [{ origin: named }, true],
    [{ origin: `${named}/` }, false],
  ])('with %j is heard: %j', async (headers, isHeard) => {
    const { ask, events } = createHandlerFixture({ origins: [named] })
    const { status, body } = await ask('send', { to: phone }, headers)
    expect(status).toBe(isHeard ? 200 : 403)
    if (!isHeard) expect(body).toMatchObject({ type: 'urn:otpkit:cross-site' })
    expect(events).toHaveLength(isHeard ? 1 : 0)
  })

  it('of a named origin gets what its browser must see, with every answer', async () => {
    const { ask, sms } = createHandlerFixture({ origins: [named] })
    const asked = await ask('send', { to: phone }, { origin: named })
    const early = await ask('send', { to: phone }, { origin: named })
    const right = await ask('verify', { to: phone, code: sms.lastCode() }, { origin: named })
    expect([asked, early, right].map(({ status }) => status)).toEqual([200, 429, 204])
    for (const { headers } of [asked, early, right]) {
      expect(headers.get('access-control-allow-origin')).toBe(named)
      expect(headers.get('access-control-allow-credentials')).toBe('true')
      expect(headers.get('vary')).toBe('origin')
    }
    expect(right.headers.getSetCookie()).toEqual(['session=1'])
    const other = await ask('send', { to: phone }, { origin: own })
    expect(other.headers.has('access-control-allow-origin')).toBe(false)
  })

  it('may ask beforehand, where its origin is named', async () => {
    const { handler } = createHandlerFixture({ origins: [named] })
    const preflight = async (origin: string, more: Readonly<Record<string, string>> = {}) => {
      const headers = { origin, 'access-control-request-method': 'POST', ...more }
      return handler(new Request(`${own}/otp/send`, { method: 'OPTIONS', headers }))
    }
    const answer = await preflight(named)
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-methods')).toBe('POST')
    expect(answer.headers.get('access-control-allow-headers')).toBe('content-type')
    // `challenged` may read the token of a captcha from a header.
    const names = 'content-type,x-captcha'
    const withToken = await preflight(named, { 'access-control-request-headers': names })
    expect(withToken.headers.get('access-control-allow-headers')).toBe(names)
    expect((await preflight(own)).status).toBe(405)
    expect((await preflight('https://evil.example')).status).toBe(403)
  })
})
