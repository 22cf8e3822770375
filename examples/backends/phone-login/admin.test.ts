import type { OtpEvent, OtpListener } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { adminPage } from './admin-page'
import { challengeLog } from './challenge-log'
import { accepted, adminToken, phone, refused, startPhoneLogin, wrong } from './start-phone-login'

const path = '/admin/accounts/otptoken/'
const minute = 60_000
const basic = (login: string) => ({
  Authorization: `Basic ${Buffer.from(login).toString('base64')}`,
})
const asAdmin = basic(`admin:${adminToken}`)

/** The cells of the page, row by row. */
function rowsOf(html: string): string[][] {
  const [, body = ''] = /<tbody>(.*)<\/tbody>/s.exec(html) ?? []
  return [...body.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, '')),
  )
}

describe.each(frameworks)('the admin page, on %s', (_name, framework) => {
  it('shows nothing to strangers', async () => {
    const site = await startPhoneLogin({ framework })
    await site.send()
    const strangers = [
      {},
      basic(`admin:${adminToken}x`),
      basic(`root:${adminToken}`),
      basic('admin:'),
      basic(adminToken),
      { Authorization: `Bearer ${adminToken}` },
      { Authorization: 'Basic' },
    ]
    for (const headers of strangers) {
      const answer = await site.get(path, headers)
      expect(answer.status).toBe(401)
      expect(answer.body).toEqual({ detail: 'Authentication required' })
      expect(answer.headers.get('WWW-Authenticate')).toMatch(/^Basic realm="/)
    }
    expect((await site.get(path, asAdmin)).status).toBe(200)
  })

  it('takes ten wrong passwords in ten minutes from one address', async () => {
    const environment = { TRUST_PROXY: '1' }
    const site = await startPhoneLogin({ framework, environment })
    const from = (ip: string, headers: Record<string, string>) =>
      site.get(path, { 'X-Forwarded-For': ip, ...headers })
    const guess = basic('admin:guess')
    const guesses = await Promise.all(Array.from({ length: 20 }, () => from('203.0.113.1', guess)))
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(10)

    const refusedToo = await from('203.0.113.1', asAdmin)
    expect(refusedToo.status).toBe(429)
    expect(refusedToo.headers.get('Retry-After')).toBe('600')
    expect((await from('203.0.113.2', asAdmin)).status).toBe(200)
    site.clock.advance(10 * minute)
    expect((await from('203.0.113.1', asAdmin)).status).toBe(200)
    expect(site.problems()).toEqual(Array(10).fill({ level: 'warning', event: 'admin_refused' }))
    expect(JSON.stringify(site.logged)).not.toContain('203.0.113')
  })

  it('charges the admin nothing', async () => {
    const site = await startPhoneLogin({ framework })
    for (let visit = 1; visit <= 12; visit += 1) {
      expect((await site.get(path, asAdmin)).status).toBe(200)
    }
  })

  it('shows what became of each code, and no code', async () => {
    const site = await startPhoneLogin({ framework })
    const page = async () => (await site.get(path, asAdmin)).text
    const rows = async () => rowsOf(await page())
    expect(await rows()).toEqual([])

    await site.send()
    const masked = '+98••••••••89'
    const at = ['2023-11-14 22:13:20', '2023-11-14 22:18:20'] as const
    expect(await rows()).toEqual([[masked, 'sent', ...at, '1', '0 of 3']])
    const code = site.kavenegar.lastCode()
    await site.send()
    await site.verify(wrong(code))
    expect(await rows()).toEqual([[masked, 'sent', ...at, '2', '1 of 3']])
    await site.verify(code)
    expect(await rows()).toEqual([[masked, 'verified', ...at, '2', '2 of 3']])

    const html = await page()
    expect(html).not.toContain(code)
    expect(html).not.toContain(phone)
    expect(html).not.toContain(phone.slice(-6))
    expect(html).toContain('<li>incorrect: 1</li>')
  })

  it('shows what was used up, replaced, expired, failed or is unconfirmed', async () => {
    const site = await startPhoneLogin({ framework })
    const states = async () =>
      rowsOf((await site.get(path, asAdmin)).text).map(([, state]) => state)

    await site.send()
    const code = site.kavenegar.lastCode()
    for (let guess = 1; guess <= 3; guess += 1) await site.verify(wrong(code))
    expect(await states()).toEqual(['used up'])

    await site.send()
    site.clock.advance(4 * minute + 1)
    expect(await states()).toEqual(['sent', 'used up'])
    await site.send()
    expect(await states()).toEqual(['sent', 'replaced', 'used up'])

    site.clock.advance(5 * minute)
    expect(await states()).toEqual(['expired', 'replaced', 'used up'])

    site.kavenegar.behave(refused(418))
    await site.send('+989123456780')
    site.kavenegar.behave('hang up')
    await site.send('+989123456780')
    const newest = (await states()).slice(0, 3)
    expect(newest).toEqual(['unconfirmed', 'failed: insufficient_funds (418)', 'expired'])
  })

  it('says how long the code of a message that nobody took is still good', async () => {
    const site = await startPhoneLogin({ framework })
    const until = async () => rowsOf((await site.get(path, asAdmin)).text).map((row) => row[3])
    site.kavenegar.behave(refused(418))
    await site.send()
    site.clock.advance(minute)
    await site.send()
    expect(await until()).toEqual(['', ''])
    site.kavenegar.behave(accepted)
    site.clock.advance(minute)
    expect((await site.send()).body).toMatchObject({ expires_in: 180 })
    expect(await until()).toEqual(['2023-11-14 22:18:20', '', ''])
    await site.verify(site.kavenegar.lastCode())
    expect((await site.get(path, asAdmin)).text).toContain('<td>verified</td>')
  })

  it('is a page of its own, under a strict policy', async () => {
    const site = await startPhoneLogin({ framework })
    const { headers, text } = await site.get('/admin/accounts/otptoken', asAdmin)
    expect(headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    const policy = headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(text).not.toMatch(/<script|\son[a-z]+=|\sstyle=/)
  })
})

describe('the log of challenges', () => {
  function listen(most?: number) {
    const listeners: OtpListener[] = []
    const otp = {
      subscribe: (listener: OtpListener) => {
        listeners.push(listener)
        return () => {}
      },
    }
    const options = { lifetimeMs: 5 * minute, attempts: 3, now: () => 0 }
    const log = challengeLog(otp, most === undefined ? options : { ...options, most })
    const tell = (event: OtpEvent) => {
      for (const listener of listeners) listener(event)
    }
    const sent = (challengeKey: string, recipient: string) =>
      tell({
        at: 0,
        type: 'sent',
        channel: 'sms',
        resend: false,
        delivery: 'accepted',
        reference: 'r',
        fingerprint: challengeKey,
        challengeKey,
        recipient,
      })
    return { log, tell, sent }
  }

  it('is escaped', () => {
    const { log, tell, sent } = listen()
    const hostile = `<img src=x onerror=alert(1)>&"'`
    sent('a', hostile)
    tell({
      at: 0,
      type: 'delivery_failed',
      channel: 'sms',
      kind: 'unknown',
      sent: 'no',
      provider: 'p',
      providerCode: hostile,
      fingerprint: 'a',
    })
    const html = adminPage(log, 3)
    expect(html).not.toContain('<img')
    const escaped = '&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;'
    expect(html.split(escaped)).toHaveLength(3)
  })

  it('keeps the newest 500', () => {
    const { log, tell, sent } = listen()
    for (let count = 1; count <= 600; count += 1) sent(`id${count}`, `n${count}`)
    const kept = log.newestFirst()
    expect(kept).toHaveLength(500)
    expect(kept[0]?.recipient).toBe('n600')
    expect(kept.at(-1)?.recipient).toBe('n101')
    expect(log.counts().get('sent')).toBe(600)
    tell({ at: 0, type: 'verified', attemptsUsed: 1, fingerprint: 'f', challengeKey: 'id1' })
    expect(log.newestFirst().every(({ state }) => state === 'sent')).toBe(true)
  })

  it('knows the newest challenge of a recipient when an older one is forgotten', () => {
    const { log, tell, sent } = listen(2)
    sent('a', 'first')
    sent('a', 'second')
    sent('b', 'third')
    tell({ at: 0, type: 'verified', attemptsUsed: 1, fingerprint: 'f', challengeKey: 'a' })
    expect(log.newestFirst().map(({ state }) => state)).toEqual(['sent', 'verified'])
  })
})
