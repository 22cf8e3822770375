import { memory } from 'otpkit/databases/memory'
import { wrong } from '../../fixture'
import { createTruth, type Person, type Seen, type Truth } from './truth'
import { createWorld, type Fault, fixedCode, mixOf, type OpenDatabase, type World } from './world'

const own = (kind: number, nth: number) => `+9198${kind}${String(nth).padStart(3, '0')}0001`
const people = (kind: Person['kind'], digit: number, count: number): Person[] =>
  Array.from({ length: count }, (_, nth) => ({ kind, to: own(digit, nth) }))
/** Each in a number block of their own. */
const everybody = [
  ...people('careful', 1, 4),
  ...people('guessed', 2, 2),
  ...people('turning', 3, 2),
  ...people('unknown', 4, 2),
  ...people('tester', 5, 2),
  ...people('relayed', 6, 3),
]
const crowded = (nth: number) => `+91987654${String(nth).padStart(4, '0')}`
const rounds = 6
const crowd = 24

/**
 * Everybody at once, over a network that is slow, reorders and fails, on four processes whose clocks go
 * wrong: people, those whose account comes and goes, test recipients, hosts of relays, and an attacker.
 * Whenever it is quiet, what the database holds is compared with what the provider and the answers say.
 *
 * @throws an `Error` that says what is wrong.
 */
export async function storm(
  seed: number,
  fault?: Fault,
  open: OpenDatabase = (clock) => memory({ clock }),
): Promise<Seen> {
  const mix = { ...mixOf(seed), ...fault?.mix }
  const testers = everybody.filter(({ kind }) => kind === 'tester').map(({ to }) => to)
  const world = createWorld(mix, testers, fault, open)
  const truth = createTruth(world, everybody, crowded(0))
  for (let round = 0; round < rounds; round += 1) {
    world.line.isCut = mix.isCut && round > 0
    const works = [
      ...everybody.flatMap((person) => worksOf(world, truth, person)),
      ...Array.from({ length: round === 2 ? 8 * crowd : crowd }, () => () => {
        const nth = world.below(500)
        return truth.send({ kind: 'crowd', to: crowded(nth) }, askedBy(world))
      }),
    ]
    await Promise.all(shuffled(world, works).map((work) => work()))
    await world.settle()
    await truth.check()
    world.clock.advance(30_000 + world.below(8_000))
    world.shakeClocks()
  }
  return truth.seen()
}

/** What one person, or who pretends to be one, does in a round. */
function worksOf(world: World, truth: Truth, person: Person): (() => Promise<void>)[] {
  const { below } = world
  const { kind, to } = person
  const send = () => truth.send(person, askedBy(world))
  const resend = () => truth.resend(person)
  if (kind === 'relayed') {
    const code = String(100_000 + below(2))
    return Array.from({ length: below(4) }, () => () => truth.relay(person, code))
  }
  const code = kind === 'tester' ? fixedCode : truth.codeOf(to)
  const asking = [[send], [send, send], [resend], []][below(4)] ?? []
  if (kind === 'unknown') return [...asking, () => truth.verify(person, '123456')]
  // Nobody asks for another code while they type one in.
  if (kind === 'careful' && code !== undefined && below(2) === 0) {
    const verify = () => truth.verify(person, code)
    return below(3) === 0 ? [verify, verify] : [verify]
  }
  if (kind === 'careful' || code === undefined) return asking
  const guess = kind === 'guessed' && below(2) === 0 ? wrong(code, 1 + below(9)) : code
  return [...asking, ...(below(2) === 0 ? [() => truth.verify(person, guess)] : [])]
}

function askedBy({ below, mix }: World) {
  return {
    channel: ([['sms'], ['whatsapp'], ['whatsapp', 'sms']] as const)[below(3)] ?? ['sms'],
    ip: [`203.0.113.${below(3)}`, `198.51.${below(250)}.${below(250)}`, null][below(3)] ?? null,
    locale: mix.isLong && below(2) === 0 ? 'fa' : 'en',
    isDelivered: below(2) === 0,
    challenged: below(4) === 0,
  } as const
}

function shuffled<Item>({ below }: World, items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, place: below(1_000_000) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
