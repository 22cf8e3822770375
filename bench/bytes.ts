import { randomBytes } from 'node:crypto'
import { OtpManager, type RateLimiter } from 'otpkit'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'

// `npm run bench:bytes`: what a pending challenge costs in memory, at one million of them.

const heapUsed = () => {
  if (globalThis.gc === undefined) throw new Error('needs node --expose-gc')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

let messages = 0
/** A hundred messages a millisecond: all of them are pending at the end. */
const clock = () => Math.floor(messages / 100)

/** Heap per send, each to a recipient and from an address of its own. */
async function measure(sends: number, rateLimiter: RateLimiter, store = memoryStore()) {
  const start = heapUsed()
  const otp = new OtpManager({
    secret: randomBytes(32),
    store,
    rateLimiter,
    deliveries: {
      sms: { name: 'bench', reaches: ['phone'], deliver: async () => ({ provider: 'bench' }) },
    },
    countries: ['IN'],
    purposes: ['login'],
    lifetime: '10m',
  })
  for (let index = 0; index < sends; index++) {
    const ip = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
    const to = `+91987${String(index).padStart(7, '0')}`
    messages += 1
    const sent = await otp.send({ to, channel: 'sms', purpose: 'login', ip })
    if (!sent.ok) throw new Error(sent.reason)
  }
  const bytes = Math.round((heapUsed() - start) / sends)
  const last = await otp.status({ to: '+919870000000', purpose: 'login' })
  if (!last.ok) throw new Error('the first challenge has gone already')
  return bytes
}

const noLimits: RateLimiter = {
  take: async (limits) => ({ ok: true, charge: '', used: limits.map(() => 0), retryAfterMs: 0 }),
  refund: async () => {},
  clear: async () => {},
}

const store = () => memoryStore({ clock })
console.log(
  `${await measure(1_000_000, noLimits, store())} bytes per pending challenge, at 1,000,000`,
)
const limiter = memoryRateLimiter({ clock })
console.log(`${await measure(200_000, limiter, store())} with its limits, at 200,000`)
