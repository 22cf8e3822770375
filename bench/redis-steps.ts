import { randomBytes } from 'node:crypto'
import { type Beginning, type OtpDatabase, OtpManager, type Submission } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { redis } from 'otpkit/databases/redis'
import { askRedis, startRedis } from '../test/servers/redis'
import { connectIoRedis, connectNodeRedis } from '../test/servers/redis-clients'
import { median, printConditions, printLine } from './side-by-side'
import { email, ip } from './ways'

// `tsx bench/redis-steps.ts [node-redis | node-redis-untimed | ioredis] [calls]`: what `begin` and
// `settle` cost a Redis server and its client, the core left out. The calls are those of a manager
// with the default limits, kept beforehand.

interface Kept {
  readonly begins: Beginning[]
  readonly wrong: Submission[]
  readonly right: Submission[]
}

/** What a manager asks of its database when so many people mistype a code once. */
async function keep(people: number): Promise<Kept> {
  const codes = new Map<string, string>()
  const kept: Kept = { begins: [], wrong: [], right: [] }
  const place = memory()
  const settled = { into: kept.wrong }
  const database: OtpDatabase = {
    ...place,
    begin: (beginning) => {
      kept.begins.push(beginning)
      return place.begin(beginning)
    },
    settle: (submission) => {
      settled.into.push(submission)
      return place.settle(submission)
    },
  }
  const otp = new OtpManager({
    database,
    secret: randomBytes(32),
    deliveries: {
      email: {
        name: 'bench',
        reaches: ['email'],
        deliver: async ({ to, code = '' }) => {
          codes.set(to, code)
          return { provider: 'bench' }
        },
      },
    },
    purposes: ['login'],
  })
  for (let index = 0; index < people; index += 1) {
    const to = email(index)
    await otp.send({ to, channel: 'email', purpose: 'login', ip: ip(index) })
    const code = codes.get(to) ?? ''
    for (const [into, guess] of [
      [kept.wrong, code === '111111' ? '222222' : '111111'],
      [kept.right, code],
    ] as const) {
      settled.into = into
      await otp.verify({ to, purpose: 'login', code: guess, ip: ip(index) })
    }
  }
  return kept
}

const name = process.argv[2] ?? 'node-redis'
const people = Number(process.argv[3] ?? 4_000)
const rounds = 5
const server = await startRedis()
const connected =
  name === 'ioredis'
    ? await connectIoRedis(server.url)
    : await connectNodeRedis(
        server.url,
        name === 'node-redis' ? {} : { commandOptions: { timeout: 0 } },
      )

/** Microseconds that the server has spent on scripts, and in all. */
async function serverTime() {
  const stats = String(await askRedis(server.url, 'INFO', 'commandstats'))
  const scripts = [...stats.matchAll(/^cmdstat_eval(?:sha)?:calls=\d+,usec=(\d+)/gm)]
  const cpu = String(await askRedis(server.url, 'INFO', 'cpu'))
  const seconds = [...cpu.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)]
  const sum = (found: RegExpExecArray[]) => found.reduce((all, [, one]) => all + Number(one), 0)
  return { scripts: sum(scripts), all: sum(seconds) * 1e6 }
}

async function run<Item>(
  items: readonly Item[],
  inFlight: number,
  call: (item: Item) => Promise<boolean>,
) {
  const before = await serverTime()
  const processor = process.cpuUsage()
  const start = performance.now()
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const item = items[next]
      next += 1
      if (item !== undefined && !(await call(item))) throw new Error('not what was kept')
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const elapsed = performance.now() - start
  const { user, system } = process.cpuUsage(processor)
  const after = await serverTime()
  const each = (us: number) => us / items.length
  return [
    each(after.scripts - before.scripts),
    each(after.all - before.all),
    each(user + system),
    each(elapsed * 1000),
  ]
}

try {
  const kept = await keep(people)
  printConditions(`Redis with ${name}`)
  for (const inFlight of [1, 64]) {
    const figures = new Map<string, number[][]>()
    for (let round = -1; round < rounds; round += 1) {
      await askRedis(server.url, 'FLUSHALL')
      const database = redis(connected.client)
      const steps = {
        send: () => run(kept.begins, inFlight, async (one) => (await database.begin(one)).put),
        wrong: () =>
          run(
            kept.wrong,
            inFlight,
            async (one) => (await database.settle(one)).attempt?.outcome === 'incorrect',
          ),
        afterwards: () =>
          run(
            kept.right,
            inFlight,
            async (one) => (await database.settle(one)).attempt?.outcome === 'verified',
          ),
      }
      for (const [step, measure] of Object.entries(steps)) {
        const found = await measure()
        if (round >= 0) figures.set(step, [...(figures.get(step) ?? []), found])
      }
    }
    printLine(`\n${inFlight} in flight, µs a call`, 'scripts', 'server', 'client', 'elapsed')
    for (const [step, found] of figures) {
      const column = (index: number) => median(found.map((one) => one[index] ?? 0)).toFixed(1)
      printLine(step, ...[0, 1, 2, 3].map(column))
    }
  }
} finally {
  await connected.close()
  await server.stop()
}
