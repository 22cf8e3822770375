import { OtpManager } from 'otpkit'
import { redis } from 'otpkit/databases/redis'
import { capturedDelivery } from 'otpkit/testing'
import { expect, it } from 'vitest'
import { secret } from '../fixture'
import { askRedis } from '../servers/redis'
import { connectIoRedis } from '../servers/redis-clients'
import { redisKeys } from '../servers/redis-keys'
import { redisUrl } from '../servers/shared'

const day = 86_400_000

// What the guide to security says of a number that a stranger made up. The prefix is as long as the
// default one, and allocators round differently.
it('a silent send and a guess leave one record of some 150 bytes for longer than a day, and nothing else', async () => {
  const url = await redisUrl()
  const { client, close } = await connectIoRedis(url)
  const otp = new OtpManager({
    secret,
    namespace: crypto.randomUUID(),
    database: redis(client, { prefix: 'guides' }),
    deliveries: { sms: capturedDelivery({ reaches: ['phone'] }) },
    countries: ['IN'],
    purposes: ['login'],
  })
  try {
    for (const last of [1, 2, 3]) {
      const request = { to: `+91987654320${last}`, purpose: 'login', ip: null } as const
      const sent = await otp.send({ ...request, channel: 'sms', deliver: false })
      expect(sent).toMatchObject({ ok: true })
      // At nothing a guess leaves no ledger.
      await otp.verify({ ...request, to: `+91987654329${last}`, code: '000000' })
      expect(await otp.verify({ ...request, code: '000000' })).toMatchObject({ attemptsLeft: 2 })
    }
    const keys = await redisKeys([url], 'guides')
    const lasting = keys.filter(({ expiresInMs }) => expiresInMs > day + 60_000)
    expect(lasting).toHaveLength(3)
    for (const { key, expiresInMs } of lasting) {
      expect(expiresInMs).toBeLessThanOrEqual(180 * day + 60_000)
      expect(await askRedis(url, 'MEMORY', 'USAGE', key)).toBeLessThan(160)
    }
  } finally {
    for (const { key } of await redisKeys([url], 'guides')) await client.del(key)
    await close()
  }
})
