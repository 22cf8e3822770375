import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'

// `npm run bench`: how many sends and verifications a second the core does on memory, beside the
// least that anybody could do (one HMAC and one Map operation), in the same run. Ratios count;
// absolute figures say more about the machine.

process.env.NODE_ENV = 'test'

const operations = 5_000
const rounds = 5

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0

/** Operations a second with so many in flight. */
async function rate(inFlight: number, operation: (index: number) => Promise<unknown>) {
  let next = 0
  const worker = async () => {
    while (next < operations) {
      const index = next
      next += 1
      await operation(index)
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: inFlight }, worker))
  return (operations * 1000) / (performance.now() - start)
}

function createManager() {
  const messages = new Map<string, string>()
  const take = async ({ to, code }: { to: string; code: string }) => {
    messages.set(to, code)
    return { provider: 'bench' }
  }
  const otp = new OtpManager({
    secret: randomBytes(32),
    database: memory(),
    deliveries: {
      sms: { name: 'bench', reaches: ['phone'], deliver: take },
      email: { name: 'bench', reaches: ['email'], deliver: take },
    },
    countries: ['IN'],
    purposes: ['login'],
  })
  return { otp, messages }
}

const phone = (index: number) => `+91987${String(index).padStart(7, '0')}`
const email = (index: number) => `person.${index}@example.com`
const ip = (index: number) => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`

function floor() {
  const key = createSecretKey(randomBytes(32))
  const map = new Map<string, number>()
  return async (index: number) => {
    const digest = createHmac('sha256', key).update(phone(index)).digest('base64url')
    map.set(digest, index)
  }
}

const cases = [
  { name: 'phone', channel: 'sms', to: phone },
  { name: 'e-mail', channel: 'email', to: email },
] as const

console.log(`${operations} operations a round, median of ${rounds} rounds, Node ${process.version}`)
console.log('                in flight      floor/s   ratio of send   ratio of verify')
for (const { name, channel, to } of cases) {
  for (const inFlight of [1, 64, 512]) {
    const floors: number[] = []
    const sends: number[] = []
    const verifies: number[] = []
    for (let round = 0; round <= rounds; round++) {
      const { otp, messages } = createManager()
      const floorRate = await rate(inFlight, floor())
      const sendRate = await rate(inFlight, async (index) => {
        const sent = await otp.send({ to: to(index), channel, purpose: 'login', ip: ip(index) })
        if (!sent.ok) throw new Error(`send: ${sent.reason}`)
      })
      const verifyRate = await rate(inFlight, async (index) => {
        const code = messages.get(to(index)) ?? ''
        const result = await otp.verify({ to: to(index), purpose: 'login', code, ip: ip(index) })
        if (!result.ok) throw new Error(`verify: ${result.reason}`)
      })
      // The first round warms the machine up.
      if (round === 0) continue
      floors.push(floorRate)
      sends.push(sendRate / floorRate)
      verifies.push(verifyRate / floorRate)
    }
    const figures = [
      String(inFlight).padStart(9),
      Math.round(median(floors)).toLocaleString('en').padStart(12),
      median(sends).toFixed(3).padStart(15),
      median(verifies).toFixed(3).padStart(17),
    ]
    console.log(name.padEnd(16) + figures.join(' '))
  }
}
