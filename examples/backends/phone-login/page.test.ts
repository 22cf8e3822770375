import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { phone, startPhoneLogin, wrong } from './start-phone-login'

// The document's frontend, character by character.
const printed = [
  '// Send OTP',
  'const sendOTP = async (phone) => {',
  "  const res = await fetch('/api/v1/usr/otp', {",
  "    method: 'POST',",
  "    headers: { 'Content-Type': 'application/json' },",
  '    body: JSON.stringify({ phone_number: phone })',
  '  });',
  '  return res.json();',
  '};',
  '',
  '// Verify OTP',
  'const verifyOTP = async (phone, code) => {',
  "  const res = await fetch('/api/v1/usr/otp/verify', {",
  "    method: 'POST',",
  "    headers: { 'Content-Type': 'application/json' },",
  '    body: JSON.stringify({ phone_number: phone, code })',
  '  });',
  '  const data = await res.json();',
  '  ',
  '  // Save tokens',
  "  localStorage.setItem('access_token', data.access_token);",
  "  localStorage.setItem('refresh_token', data.refresh_token);",
  '  ',
  '  return data;',
  '};',
  '',
].join('\n')

describe.each(frameworks)('the page, on %s', (_name, framework) => {
  it('has its script in files of this site, and the policy lets in no other', async () => {
    const site = await startPhoneLogin({ framework })
    const { text, headers } = await site.get('/')
    expect(headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    expect(headers.get('Content-Security-Policy')).toContain("script-src 'self'")
    expect(headers.get('Content-Security-Policy')).not.toContain('unsafe')
    expect(text).toContain('<html lang="fa" dir="rtl">')
    expect(text).toContain('autocomplete="one-time-code"')
    expect(text).not.toMatch(/<script(?! src=)|\son[a-z]+=|\sstyle=/)

    const files = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path)
    expect(files).toEqual([
      '/assets/icon.svg',
      '/assets/style.css',
      '/assets/document.js',
      '/assets/login.js',
    ])
    for (const file of files) {
      const answer = await site.get(file)
      expect(answer.status).toBe(200)
      const type = { css: 'text/css', svg: 'image/svg+xml' }[file.slice(-3)] ?? 'text/javascript'
      expect(answer.headers.get('Content-Type')).toContain(type)
    }
  })

  it('logs in with the two functions that the document prints', async () => {
    const site = await startPhoneLogin({ framework })
    const script = (await site.get('/assets/document.js')).text
    expect(script).toBe(printed)

    const stored = new Map<string, string>()
    const browser = createContext({
      fetch: (path: string, init: RequestInit) => fetch(site.url + path, init),
      localStorage: { setItem: (key: string, value: unknown) => stored.set(key, String(value)) },
    })
    runInContext(script, browser)
    const call = (expression: string): Promise<unknown> => runInContext(expression, browser)

    expect(await call(`sendOTP('${phone}')`)).toMatchObject({ expires_in: 300 })
    const code = site.kavenegar.lastCode()
    const refused = await call(`verifyOTP('${phone}', '${wrong(code)}')`)
    expect(refused).toEqual({ detail: 'Invalid OTP code' })
    const verified = await call(`verifyOTP('${phone}', '${code}')`)
    expect(verified).toMatchObject({ access_token: stored.get('access_token') })
    expect((await site.me(stored.get('access_token') ?? '')).status).toBe(200)
    expect((await site.refresh(stored.get('refresh_token'))).status).toBe(200)
  })
})
