import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runProcess } from './backends/testing/start-process'

const phone = '+91 98765 43210'

describe.each(['hello-express', 'hello-fastify'])('%s', (example) => {
  it('is read in one look', () => {
    const lines = readFileSync(`examples/${example}.ts`, 'utf8').trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(60)
  })

  it('registers an operator by the code that it prints, once', async () => {
    const { post, printed } = await runProcess({}, example)
    const sent = await post('/register', { phone })
    expect([sent.status, sent.body]).toEqual([
      202,
      { codeLength: 6, expiresInMs: 300_000, resendInMs: 30_000 },
    ])
    const [, code = ''] = /for operator_registration: (\d{6})$/m.exec(printed.out) ?? []

    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    const guess = await post('/register/verify', { phone, code: wrong, name: 'Ada' })
    expect([guess.status, guess.body]).toEqual([
      400,
      { message: 'The code is wrong, or no longer good.' },
    ])
    const right = { phone: '+919876543210', code, name: 'Ada' }
    const verified = await post('/register/verify', right)
    expect([verified.status, verified.body]).toEqual([201, { phone: '+919876543210', name: 'Ada' }])
    expect((await post('/register/verify', right)).status).toBe(400)
    expect(printed.error).toBe('')
  })

  it('asks for patience, and says what is wrong with a number', async () => {
    const { post } = await runProcess({}, example)
    await post('/register', { phone })
    const early = await post('/register', { phone })
    expect([early.status, early.headers.get('Retry-After')]).toEqual([429, '30'])
    const odd = await post('/register', { phone: '+91 123' })
    expect([odd.status, odd.body]).toEqual([400, { field: 'to', problem: expect.any(String) }])
    for (const body of [{}, [], null, { phone: 1 }, { phone: {} }]) {
      for (const path of ['/register', '/register/verify']) {
        expect((await post(path, body)).status, JSON.stringify(body)).toBe(400)
      }
    }
  })
})
