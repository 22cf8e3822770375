import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Request, Response } from 'express'

const page = readFileSync(new URL('page.html', import.meta.url), 'utf8')

/** The page, whose one script and one style sheet run by a nonce of their own each time. */
export function servePage(_request: Request, response: Response): void {
  const nonce = randomBytes(16).toString('base64')
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  response.set('Content-Security-Policy', policy.join('; '))
  response.type('html').send(page.replaceAll('{nonce}', nonce))
}
