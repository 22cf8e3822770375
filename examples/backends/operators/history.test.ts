import { migrate as migrateCodes, postgres } from 'otpkit/databases/postgres'
import { migrate, postgresHistory } from 'otpkit/histories/postgres'
import { testClock } from 'otpkit/testing'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { seededIntegers } from '../../../src/testing/random'
import { onExpress } from '../http/express'
import { onFastify } from '../http/fastify'
import { ownPostgres } from '../testing/own-postgres'
import { type Posted, type Report, startProviders } from './misbehaving-providers'
import { asAdmin, type Backend, type Contact, startBackend, wrong } from './start-backend'
import { createTruth, type Facts, nameOf } from './truth'

/** `HISTORY_CHALLENGES=2000` is the proof at full size. */
const challenges = Number(process.env.HISTORY_CHALLENGES ?? 400)
const hourMs = 3_600_000
const noon = Date.UTC(2026, 10, 27, 12)

/** What one of the people does, and what becomes of it: told apart by the number of the person. */
type Story =
  | 'country fails'
  | 'provider is slow'
  | 'flooded'
  | 'wrong codes'
  | 'reported failed'
  | 'mail'
  | 'verifies'
  | 'never reported'

const stories: readonly Story[] = [
  'country fails',
  'country fails',
  'provider is slow',
  'provider is slow',
  'flooded',
  'wrong codes',
  'reported failed',
  'reported failed',
  'mail',
  'mail',
  'verifies',
  'verifies',
  'verifies',
  'never reported',
]

interface Person extends Contact {
  readonly story: Story
  readonly ip: string
  /** One of two backends. */
  readonly at: number
}

function personOf(index: number): Person {
  const story = stories[index % stories.length] ?? 'verifies'
  const digits = String(index).padStart(5, '0')
  const ip = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
  const at = index % 2
  const phone = `+9198765${digits}`
  switch (story) {
    case 'country fails':
      return { story, ip, at, contact_type: 'sms', contact: `+88017123${digits}` }
    case 'provider is slow':
      return { story, ip, at, contact_type: 'whatsapp', contact: phone }
    case 'flooded':
      return { story, ip, at, contact_type: 'sms', contact: '+919999999999' }
    case 'mail':
      return { story, ip, at, contact_type: 'email', contact: `person${index}@example.com` }
    default:
      return { story, ip, at, contact_type: 'sms', contact: phone }
  }
}

const by = [
  'type',
  'channel',
  'provider',
  'country',
  'delivery',
  'status',
  'kind',
  'providerCode',
  'action',
  'reason',
  'limit',
  'during',
] as const

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>) {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
console.info(`operators/history.test.ts: OTPKIT_SEED=${seed}`)
const below = seededIntegers(seed)

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => [below(2 ** 32), item] as const)
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item)
}

/** Two backends, as two processes have them: nothing in common but a PostgreSQL and the clock. */
async function startBoth() {
  const url = await ownPostgres()
  const clock = testClock(noon - 1)
  const providers = await startProviders()
  const openPool = () => {
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    // The database may end before the last connection to it.
    pool.on('error', () => {})
    onTestFinished(() => pool.end())
    return pool
  }
  const first = openPool()
  await migrateCodes(first)
  await migrate(first)
  const openHistory = () => postgresHistory(openPool(), { clock: clock.now })
  const start = (framework: typeof onExpress) =>
    startBackend(framework, {
      clock,
      place: { name: 'PostgreSQL', url },
      trustedProxies: 1,
      history: openHistory(),
      receipts: providers.receipts,
      otp: {
        database: postgres(openPool(), { clock: clock.now }),
        deliveries: providers.deliveries,
        countries: ['IN', 'BD'],
      },
    })
  const backends = [await start(onExpress), await start(onFastify)] as const
  return { clock, providers, backends, openHistory }
}

describe('the history of two backends', () => {
  it(`has every count of ${challenges} challenges over misbehaving providers`, async () => {
    const { clock, providers, backends, openHistory } = await startBoth()
    const truth = createTruth()
    const people = Array.from({ length: challenges }, (_none, index) => personOf(index))
    const backendOf = ({ at }: Person): Backend => (at === 0 ? backends[0] : backends[1])
    const other = (person: Person): Person => ({ ...person, at: 1 - person.at })
    const from = ({ ip }: Person) => ({ 'X-Forwarded-For': ip })
    const countryOf = ({ contact_type, contact }: Person) =>
      contact_type === 'email' ? undefined : contact.startsWith('+880') ? 'BD' : 'IN'

    const sentAt = new Map<string, number>()
    async function send(person: Person) {
      const { contact, contact_type: channel, story } = person
      const body = { contact, contact_type: channel, purpose: 'operator_registration' }
      const { status } = await backendOf(person).post('/auth/send-otp', body, from(person))
      const about = { channel, country: countryOf(person) }
      const at = clock.now()
      if (story === 'country fails') {
        expect(status).toBe(503)
        const kind = 'misconfigured'
        const providerCode = '21408'
        truth.add(at, { type: 'delivery_failed', ...about, provider: 'twilio', kind, providerCode })
        truth.add(at, { type: 'unsent', ...about, kind })
      } else if (status === 429) {
        expect(story).toBe('flooded')
        const why = { action: 'send', reason: 'rate_limited', limit: 'cooldown' }
        truth.add(at, { type: 'refused', ...about, ...why })
      } else {
        expect(status).toBe(200)
        sentAt.set(contact, at)
        if (story === 'provider is slow') {
          const kind = 'unknown'
          truth.add(at, { type: 'delivery_failed', ...about, provider: 'twilio', kind })
        }
      }
    }

    async function verify(person: Person, code: string) {
      const { contact, contact_type } = person
      const body = { contact, contact_type, purpose: 'registration', otp: code }
      return (await backendOf(person).post('/auth/verify-otp', body, from(person))).status
    }
    async function submit(person: Person) {
      const { contact, contact_type: channel, story } = person
      const about = { channel, country: countryOf(person) }
      const { code } = providers.messageTo(contact)
      if (story === 'wrong codes') {
        for (const _guess of [1, 2, 3]) {
          expect(await verify(other(person), wrong(code))).toBe(400)
          truth.add(clock.now(), { type: 'incorrect', ...about })
        }
      } else if (story === 'verifies' || story === 'mail' || story === 'provider is slow') {
        expect(await verify(other(person), code)).toBe(200)
        const provider = story === 'mail' ? 'webhook' : 'twilio'
        truth.add(clock.now(), { type: 'verified', ...about, provider })
      }
    }

    const outcomes = new Map<string, Facts>()
    let euros = 0
    /** What the provider reports, in any order and each twice, and what it comes to. */
    function reportsOn({ contact, story }: Person): readonly Posted[] {
      const message = providers.messageTo(contact)
      const price = { amount: 0.01, currency: 'EUR' }
      const reports: readonly Report[] =
        story === 'reported failed'
          ? [{ status: 'sent' }, { status: 'failed' }]
          : story === 'mail'
            ? [{ status: 'sent' }, { status: 'delivered', price }]
            : story === 'never reported'
              ? []
              : [{ status: 'sent' }, { status: 'delivered' }]
      if (story === 'mail') euros += 1
      const failure = { status: 'failed', kind: 'unavailable', providerCode: '30003' }
      if (reports.length > 0) {
        outcomes.set(contact, story === 'reported failed' ? failure : { status: 'delivered' })
      }
      return [...reports, ...reports].map((report) => providers.post(message, report))
    }
    async function report(posted: Posted) {
      const backend = backends[below(2)] ?? backends[0]
      expect((await backend.post(...posted)).status).toBe(200)
    }

    // The last millisecond of an hour, and the first of the next.
    await inParallel(people.slice(0, challenges / 2), send)
    clock.advance(1)
    await inParallel(people.slice(challenges / 2), send)
    clock.advance(40_000)
    const reached = people.filter(({ contact }, index) => {
      return sentAt.has(contact) && people.findIndex((one) => one.contact === contact) === index
    })
    const posts = shuffled(reached.flatMap(reportsOn))
    const strangers = Array.from({ length: 5 }, () => providers.strangersReport())
    await inParallel(posts.slice(0, posts.length / 3), report)
    await inParallel(reached, submit)
    clock.advance(2 * hourMs)
    const late = [...posts.slice(posts.length / 3), ...strangers, ...strangers]
    await inParallel(shuffled(late), report)
    for (const _stranger of strangers) {
      truth.add(clock.now(), { type: 'receipt', provider: 'twilio', status: 'delivered' })
    }
    for (const person of reached) {
      const { contact, contact_type: channel, story } = person
      const at = sentAt.get(contact) ?? 0
      const provider = story === 'mail' ? 'webhook' : 'twilio'
      const delivery = story === 'provider is slow' ? 'unknown' : 'accepted'
      const about = { channel, country: countryOf(person), provider, delivery }
      truth.add(at, { type: 'sent', ...about, ...outcomes.get(contact) })
    }

    // Another process, later, reads what both have written.
    for (const { settled, history } of backends) {
      await settled()
      await history.flush()
    }
    const history = openHistory()
    const range = { from: noon - hourMs, to: clock.now() + 1 }
    for (const [resolution, length] of [
      ['minute', 60_000],
      ['hour', hourMs],
      ['day', 24 * hourMs],
    ] as const) {
      const rows = await history.counts({ ...range, resolution, overTime: true, by })
      const counted = rows.map(({ count, segments: _s, prices: _p, elapsedMs: _e, ...facts }) => [
        nameOf(facts),
        count,
      ])
      expect(Object.fromEntries(counted.sort())).toEqual(truth.rows(length))
    }

    const all = { ...range, resolution: 'hour' } as const
    const [sent] = await history.counts({ ...all, where: { type: 'sent' } })
    expect(sent?.prices).toEqual({ EUR: Math.round(euros) / 100 })
    const [verified] = await history.counts({ ...all, where: { type: 'verified' } })
    expect(verified?.elapsedMs?.p50).toBeGreaterThan(30_000)
    expect(verified?.elapsedMs?.p50).toBeLessThan(50_000)

    for (const { get } of backends) {
      const { body } = await get('/admin/otp/data/funnel?range=day', asAdmin)
      expect(body).toMatchObject({
        total: {
          sent: truth.count({ type: 'sent' }),
          delivered: truth.count({ type: 'sent', status: 'delivered' }),
          verified: truth.count({ type: 'verified' }),
        },
      })
    }
  }, 300_000)
})
