import { expect, it } from 'vitest'
import { randomSeed, withSeed } from '../../src/testing/random'
import { email, phone } from '../fixture'
import { createHandlerFixture, described } from './ask'

const seed = Number(process.env.OTPKIT_SEED ?? randomSeed())
console.log(`handler-fuzz: OTPKIT_SEED=${seed}`)

const odd = [
  null,
  0,
  true,
  [],
  {},
  '',
  ' ',
  '\u0000',
  '\ud800',
  '__proto__',
  'x'.repeat(5000),
  -1e308,
]
const tos = [phone, '+91 98765 43210', email, '+1 201 555 0123', 'nobody@', ...odd]
const names = ['to', 'challengeId', 'code', 'purpose', 'channel', 'locale', 'deliver', '__proto__']
const methods = ['POST', 'POST', 'POST', 'POST', 'POST', 'GET', 'PUT', 'OPTIONS', 'HEAD']
const paths = ['send', 'resend', 'verify', 'send', 'verify', '', 'Send', 'send%2f']
const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', '', 'a;b']
const sites = ['same-origin', 'none', 'cross-site', '', 'same-origin']

it('whatever is asked, the answer is one of the document, and a session is for a right code', async () => {
  await withSeed(seed, async (below) => {
    const pick = <T>(list: readonly T[]): T => {
      const found = list[below(list.length)]
      if (found === undefined) throw new Error('nothing to pick from')
      return found
    }
    const known = new Set([phone])
    const account = (recipient: string) => known.has(recipient)
    const { handler, verified, sms, mail, clock } = createHandlerFixture({
      account,
      purposes: { login: ['sms', 'email'], signup: ['email'] },
    })
    const handles: unknown[] = [...odd]
    const counts = new Map<number, number>()
    let rightCodes = 0

    for (let round = 0; round < 3_000; round += 1) {
      clock.advance(below(20_000))
      const path = pick(paths)
      const code =
        sms.messages.length > 0 && below(3) === 0 ? sms.lastCode() : pick(['123456', ...odd])
      const fields: Record<string, unknown> = {}
      const values = {
        to: pick(tos),
        challengeId: pick(handles),
        code,
        purpose: pick(['login', 'login', 'signup', ...odd]),
      }
      for (const [name, value] of Object.entries(values)) {
        if (below(name === 'challengeId' ? 8 : 12) > (name === 'challengeId' ? 6 : 0))
          fields[name] = value
      }
      if (below(4) === 0) fields[pick(names)] = pick(odd)
      const type = below(8) === 0 ? pick(types) : 'application/json'
      const json = JSON.stringify(fields)
      const text =
        type === 'application/json'
          ? json
          : new URLSearchParams({
              to: String(values.to),
              purpose: 'login',
              code: String(code),
            }).toString()
      const body = below(20) === 0 ? text.slice(0, below(text.length + 1)) : text
      const method = pick(methods)
      const headers = {
        'content-type': type,
        ...(below(3) === 0 && { 'sec-fetch-site': pick(sites) }),
      }
      const init =
        method === 'GET' || method === 'HEAD' ? { method, headers } : { method, headers, body }

      // Every fourth one is meant well, so that there is something to go wrong with.
      const isWell = below(4) === 0
      const well = {
        to: phone,
        purpose: 'login',
        code: sms.messages.length > 0 ? sms.lastCode() : '123456',
      }
      const request = isWell
        ? {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(well),
          }
        : init
      const route = isWell ? pick(['send', 'verify'] as const) : path

      const before = verified.length
      const response = await handler(new Request(`https://app.example.com/otp/${route}`, request))
      const answer = await described(route, response)
      counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
      expect(verified.length - before).toBe(answer.status === 204 ? 1 : 0)
      if (answer.status === 204) rightCodes += 1
      const { challengeId } = Object(answer.body)
      if (answer.status === 200) handles.push(challengeId)
    }

    expect(rightCodes).toBe(verified.length)
    expect(verified.every(({ recipient }) => recipient === phone)).toBe(true)
    expect(sms.messages.every(({ to }) => to === phone)).toBe(true)
    // Nobody with an address has an account.
    expect(mail.messages).toEqual([])
    for (const status of [200, 204, 400, 403, 404, 405, 415]) {
      expect(counts.get(status) ?? 0, `answers with ${status}`).toBeGreaterThan(0)
    }
  })
})
