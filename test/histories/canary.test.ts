import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { postgresHistory } from 'otpkit/histories/postgres'
import { capturedDelivery } from 'otpkit/testing'
import { expect, it } from 'vitest'
import { openHistories } from './own-schema'

const to = '+919876543210'
const messageId = `wamid.${btoa(to)}`
const secret = 'a-canary-secret-of-32-characters'

it('nothing that a history stores holds a code, a secret, a number, a handle or a message id', async () => {
  const opened = await openHistories()
  try {
    const schema = await opened.schema()
    const history = postgresHistory(opened.pool, { schema })
    const captured = capturedDelivery()
    const otp = new OtpManager({
      secret,
      database: memory(),
      deliveries: {
        sms: {
          ...captured,
          deliver: async (message) => ({
            ...(await captured.deliver(message)),
            provider: 'acme',
            messageId,
          }),
        },
      },
      countries: ['IN'],
      purposes: ['login'],
    })
    otp.subscribe(history.record)
    const sent = await otp.send({ to, channel: 'sms', purpose: 'login', ip: null })
    if (!sent.ok) throw new Error('refused')
    const code = captured.lastCode()
    otp.receipt({ provider: 'acme', messageId, status: 'delivered' })
    const guess = { to, purpose: 'login', ip: null } as const
    await otp.verify({ ...guess, code: code === '000000' ? '000001' : '000000' })
    expect((await otp.verify({ ...guess, code })).ok).toBe(true)

    const range = { from: Date.now() - 3_600_000, to: Date.now() + 60_000 }
    const counts = await history.counts({ ...range, resolution: 'hour', by: ['type', 'status'] })
    expect(counts.map(({ type, status, count }) => [type, status, count]).sort()).toEqual([
      ['incorrect', undefined, 1],
      ['sent', 'delivered', 1],
      ['verified', undefined, 1],
    ])
    const dump: string[] = []
    for (const table of ['counts', 'events', 'joins', 'batches']) {
      const { rows } = await opened.pool.query(`SELECT * FROM "${schema}".otpkit_history_${table}`)
      expect(rows.length).toBeGreaterThan(0)
      dump.push(JSON.stringify(rows))
    }
    const canaries = [code, secret, to, to.slice(1), messageId, btoa(to), sent.challengeId]
    for (const canary of canaries) expect(dump.join('\n').includes(canary)).toBe(false)
  } finally {
    await opened.close()
  }
})
