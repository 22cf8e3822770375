import { OtpManager } from 'otpkit'
import { postgres } from 'otpkit/databases/postgres'
import { capturedDelivery } from 'otpkit/testing'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { secret } from '../fixture'
import { openSchema } from './own-schema'
import { unbatched } from './unbatched'

const crowd = 300
const most = 120

describe.each([
  ['steps that share queries', postgres],
  ['steps that are alone', unbatched],
])('%s, of everybody at once', (_, make) => {
  it.each([
    ['behind one address', '203.0.113.7'],
    ['whose address nobody knows', null],
  ])('%s: as many as may, over two pools', async (__, ip) => {
    const { connectionString, schema, close } = await openSchema()
    const sms = capturedDelivery({ reaches: ['phone'] })
    const namespace = crypto.randomUUID()
    const pools = [1, 2].map(() => new pg.Pool({ connectionString, max: 5 }))
    const managers = pools.map(
      (pool) =>
        new OtpManager({
          ...{ secret, namespace, database: make(pool, { schema }), countries: ['IN'] },
          deliveries: { sms },
          purposes: { login: { limits: { ip: [{ max: most, per: '1h' }], verifyIp: [] } } },
        }),
    )
    const all = Array.from({ length: crowd }, (___, index) => ({
      request: { to: `+9198765${10_000 + index}`, purpose: 'login', ip } as const,
      otp: managers[index % 2],
    }))
    const sent = await Promise.all(
      all.map(({ otp, request }) => otp?.send({ ...request, channel: 'sms' })),
    )
    expect(sent.filter((result) => result?.ok)).toHaveLength(most)
    const codes = new Map(sms.messages.map(({ to, code }) => [to, code]))
    expect(codes.size).toBe(most)
    const right = all.flatMap(({ otp, request }) => {
      const code = codes.get(request.to)
      return code === undefined ? [] : [otp?.verify({ ...request, code })]
    })
    const verified = await Promise.all(right)
    expect(verified.filter((result) => result?.ok)).toHaveLength(most)
    for (const pool of pools) await pool.end()
    await close()
  })
})
