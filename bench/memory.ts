import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { OtpManager, type OtpMessage } from 'otpkit'
import { memory } from 'otpkit/databases/memory'

// `npm run bench`: what a send and a verification cost on memory, where nothing but the core and the
// database's own work takes time, beside the least that anybody could do (one HMAC and one Map
// operation) in the same round. Ratios and processor time count; the rates are this machine's.

process.env.NODE_ENV = 'test'

const operations = 20_000
const rounds = 5
const steps = ['send', 'wrong', 'right'] as const

type Step = (typeof steps)[number]
/** Processor time of one operation, in microseconds, and wall time. */
interface Cost {
  readonly cpu: number
  readonly wall: number
}
type Operations = Readonly<Record<Step, (index: number) => Promise<unknown>>>

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0

/** What one operation costs with so many in flight. */
async function cost(inFlight: number, operation: (index: number) => Promise<unknown>) {
  let next = 0
  const worker = async () => {
    while (next < operations) {
      const index = next
      next += 1
      await operation(index)
    }
  }
  const start = performance.now()
  const processor = process.cpuUsage()
  await Promise.all(Array.from({ length: inFlight }, worker))
  const { user, system } = process.cpuUsage(processor)
  const wall = ((performance.now() - start) * 1000) / operations
  return { cpu: (user + system) / operations, wall }
}

const phone = (index: number) => `+91987${String(index).padStart(7, '0')}`
const email = (index: number) => `person.${index}@example.com`
const ip = (index: number) => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`

type Recipients = (index: number) => string

/** What keeps a code and compares it must do: no limits, no seal, no message. */
function floor(to: Recipients): Operations {
  const key = createSecretKey(randomBytes(32))
  const name = (index: number) => createHmac('sha256', key).update(to(index)).digest('base64url')
  const codes = new Map<string, number>()
  return {
    send: async (index) => codes.set(name(index), index),
    wrong: async (index) => codes.get(name(index)),
    right: async (index) => codes.delete(name(index)),
  }
}

/** A right code follows a wrong one, so its success forgives. */
function otpkit(channel: 'sms' | 'email', to: Recipients): Operations {
  const codes = new Map<string, string>()
  const take = async ({ to: recipient, code = '' }: OtpMessage) => {
    codes.set(recipient, code)
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
  const codeFor = (index: number) => codes.get(to(index)) ?? ''
  const verify = (index: number, code: string) =>
    otp.verify({ to: to(index), purpose: 'login', code, ip: ip(index) })
  return {
    send: async (index) => {
      const sent = await otp.send({ to: to(index), channel, purpose: 'login', ip: ip(index) })
      if (!sent.ok) throw new Error(`send: ${sent.reason}`)
    },
    wrong: async (index) => {
      const result = await verify(index, codeFor(index) === '000000' ? '000001' : '000000')
      if (result.ok || result.reason !== 'incorrect') throw new Error('wrong: not incorrect')
    },
    right: async (index) => {
      const result = await verify(index, codeFor(index))
      if (!result.ok) throw new Error(`right: ${result.reason}`)
    },
  }
}

async function round(inFlight: number, { send, wrong, right }: Operations) {
  return {
    send: await cost(inFlight, send),
    wrong: await cost(inFlight, wrong),
    right: await cost(inFlight, right),
  }
}

const inFlights = process.argv.slice(2).map(Number)
console.log(`${operations} operations a round, median of ${rounds} rounds, Node ${process.version}`)
console.log('send · wrong · right after one wrong')
for (const inFlight of inFlights.length > 0 ? inFlights : [64]) {
  for (const [channel, to] of [
    ['sms', phone],
    ['email', email],
  ] as const) {
    const results: { floor: Record<Step, Cost>; ours: Record<Step, Cost> }[] = []
    for (let number = 0; number <= rounds; number += 1) {
      const result = {
        floor: await round(inFlight, floor(to)),
        ours: await round(inFlight, otpkit(channel, to)),
      }
      // The first round warms the machine up.
      if (number > 0) results.push(result)
    }
    const line = (
      digits: number,
      figure: (result: (typeof results)[number], step: Step) => number,
    ) =>
      steps
        .map((step) => median(results.map((result) => figure(result, step))).toFixed(digits))
        .join(' · ')
    console.log(
      `${channel.padEnd(6)} ${String(inFlight).padStart(3)} in flight` +
        `   ratio ${line(3, ({ floor, ours }, step) => floor[step].wall / ours[step].wall)}` +
        `   of CPU ${line(3, ({ floor, ours }, step) => floor[step].cpu / ours[step].cpu)}` +
        `   CPU µs ${line(1, ({ ours }, step) => ours[step].cpu)}` +
        `   floor ${line(1, ({ floor }, step) => floor[step].cpu)}`,
    )
  }
}
