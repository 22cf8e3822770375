import { type History, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { postgresHistory } from 'otpkit/histories/postgres'
import { redisHistory } from 'otpkit/histories/redis'
import { memoryHistoryPlace } from 'otpkit/internal/history/memory'
import { historyIn } from 'otpkit/internal/history/recorder'
import { historySettings } from 'otpkit/internal/history/settings'
import { capturedDelivery } from 'otpkit/testing'
import { expect, it } from 'vitest'
import { connectIoRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'
import { openHistories } from './own-schema'

const to = '+919876543210'
const messageId = `wamid.${btoa(to)}`
const secret = 'a-canary-secret-of-32-characters'

/** A history, and all that somebody would hold who stole what it stores. */
interface Dumped {
  readonly history: History
  dump(): Promise<readonly string[]>
  close(): Promise<void>
}

const places: Readonly<Record<string, () => Promise<Dumped>>> = {
  PostgreSQL: async () => {
    const { pool, close, ...opened } = await openHistories()
    const schema = await opened.schema()
    return {
      history: postgresHistory(pool, { schema }),
      dump: () =>
        Promise.all(
          ['counts', 'events', 'joins', 'batches'].map(async (table) => {
            const { rows } = await pool.query(`SELECT * FROM "${schema}".otpkit_history_${table}`)
            return rows.map((row) => JSON.stringify(row)).join('\n')
          }),
        ),
      close,
    }
  },

  Redis: async () => {
    const { client, close } = await connectIoRedis(await redisUrl())
    const prefix = ownName('canary')
    const storedUnder = async (key: string) => {
      const type = await client.type(key)
      if (type === 'string') return client.get(key)
      return type === 'hash' ? client.hgetall(key) : client.zrange(key, '0', '-1')
    }
    return {
      history: redisHistory(client, { prefix }),
      dump: async () => {
        const keys = await client.keys(`${prefix}:*`)
        return Promise.all(
          keys.map(async (key) => `${key} ${JSON.stringify(await storedUnder(key))}`),
        )
      },
      close,
    }
  },

  memory: async () => {
    const settings = historySettings('history', {})
    const place = memoryHistoryPlace(100, settings.retention)
    const batches: string[] = []
    const write: typeof place.write = (batch) => {
      batches.push(JSON.stringify(batch))
      return place.write(batch)
    }
    return {
      history: historyIn({ ...place, write }, settings),
      dump: async () => batches,
      close: async () => {},
    }
  },
}

it.each(Object.entries(places))(
  'nothing that a history in %s stores holds a code, a secret, a number, a handle or a message id',
  async (_, open) => {
    const { history, dump, close } = await open()
    try {
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
        // Six digits may stand in some moment of the dump by chance.
        alphabet: 'base32',
        codeLength: 10,
      })
      otp.subscribe(history.record)
      const sent = await otp.send({ to, channel: 'sms', purpose: 'login', ip: null })
      if (!sent.ok) throw new Error('refused')
      const code = captured.lastCode()
      otp.receipt({ provider: 'acme', messageId, status: 'delivered' })
      const guess = { to, purpose: 'login', ip: null } as const
      await otp.verify({ ...guess, code: code.slice(1) + code.slice(0, 1) })
      expect((await otp.verify({ ...guess, code })).ok).toBe(true)
      // Members that nobody knows, as a fault's error is one, are not kept.
      const stranger = { type: 'fault', during: 'proof', error: new Error(to), to, code }
      history.record(stranger)

      const range = { from: Date.now() - 3_600_000, to: Date.now() + 60_000 }
      const counts = await history.counts({ ...range, resolution: 'hour', by: ['type', 'status'] })
      expect(counts.map(({ type, status, count }) => [type, status, count]).sort()).toEqual([
        ['fault', undefined, 1],
        ['incorrect', undefined, 1],
        ['sent', 'delivered', 1],
        ['verified', undefined, 1],
      ])
      const event = (await history.events()).find(({ type }) => type === 'sent')
      const fingerprint = event?.fingerprint ?? 'missing'
      const dumped = (await dump()).join('\n')
      // What is there is looked at: the event's own names are found.
      expect(dumped).toContain(fingerprint)
      const canaries = [code, secret, to, to.slice(1), messageId, btoa(to), sent.challengeId]
      for (const canary of canaries) expect(dumped.includes(canary)).toBe(false)
    } finally {
      await close()
    }
  },
)
