import { phone } from '../fixture'
import { type Backend, createBackend, receive, type Scenery } from './backend'
import { holds } from './rules'

const minute = 60_000
const growth = 5
const full = 100

/**
 * Messages are asked for at one moment: with a cooldown or without, over nothing, over a code that
 * lives and over one in its last fifth, with any ledger; one of them may be taken by nobody.
 */
export async function sending(scenery: Scenery): Promise<void> {
  const { seed, joining } = scenery
  const resend = seed % 2 === 0 ? 'same' : 'new'
  const isLimited = seed % 3 === 0
  const limits = isLimited ? {} : ({ cooldown: false, recipient: [], ip: [] } as const)
  const backend = await createBackend({ ...scenery, settings: { resend, limits } })
  const { below, model, run } = backend
  const failures = [0, growth - 1, growth, full][below(4)] ?? 0
  const earlierMs = [undefined, minute, 4.5 * minute][below(3)]
  const earlier = earlierMs === undefined ? undefined : await receive(backend, 'login')
  model.advance(earlierMs ?? 0)
  model.fill(backend.ledger, failures)

  const messages = backend.ledger.replace('f', 'm')
  const [before, since] = [model.units(messages), backend.codes.length]
  const count = 2 + below(2)
  const isRefused = below(2) === 0
  if (isRefused) backend.refuse(1 + below(count))
  const results = await run(
    Array.from({ length: count }, (_, index) => async () => {
      const ip = `10.2.0.${index}`
      return { ip, sent: await backend.send('login', { ip }).catch(() => null) }
    }),
  )
  const sent = results.flatMap((result) => (result.sent?.ok ? [result.sent] : []))
  const codes = backend.codes.slice(since)
  const seen = JSON.stringify(results)

  await expectTraces(backend, results, failures, earlier === undefined)
  if (isLimited) {
    const expected = failures === full ? 0 : 1
    const isOne = isRefused ? sent.length <= expected : sent.length === expected
    holds(isOne, 'one message is sent in a cooldown', seen)
  }
  for (const { codeLength } of sent) {
    const isRight = codeLength === (failures < growth ? 6 : 8)
    holds(isRight, 'codes grow with the ledger', `${codeLength} at ${failures}`)
  }
  const units = model.units(messages) - before
  const faults = results.filter((result) => result.sent === null).length
  const cost = `${units} charged for ${sent.length} messages beside ${faults}`
  const isGivenBack = faults === 0 || units <= sent.length
  holds(isGivenBack, 'a message that nobody took costs nothing', cost)
  holds(units === sent.length, 'a message costs one', cost)

  // A pair may put two first challenges at once, as it may two longer ones.
  const isFirst = earlier === undefined || failures >= growth
  if (joining !== undefined && isFirst && !isLimited) return
  const alive = await Promise.all(codes.map(backend.stands))
  const isEarlier = earlier !== undefined && (await backend.stands(earlier.code))
  if (sent.length === 0) {
    const isOld = earlier === undefined || failures >= growth || isEarlier
    holds(isOld, 'a code that was sent lives', `nothing replaced a code that is dead: ${seen}`)
    return
  }
  const isLeft = resend === 'same' && earlierMs === minute && failures < growth
  const isReplaced = earlier === undefined || isLeft || !isEarlier
  holds(isReplaced, 'a new code takes the place of an old one', seen)
  const isAlive = resend === 'same' ? alive.every(Boolean) : alive.some(Boolean)
  holds(isAlive, 'a code that was sent lives', `${alive.join()} of ${seen}`)
}

/** What is refused is charged to no address, and puts nothing. */
async function expectTraces(
  { addressKey, model, otp, run }: Backend,
  results: readonly {
    readonly ip: string
    readonly sent: Awaited<ReturnType<Backend['send']>> | null
  }[],
  failures: number,
  isFirst: boolean,
): Promise<void> {
  for (const { ip, sent } of results) {
    if (failures === full) {
      const isLocked = sent?.ok === false && sent.reason === 'locked'
      holds(isLocked, 'a full ledger locks', JSON.stringify(sent))
    }
    if (sent?.ok !== false) continue
    const units = model.units((await addressKey(ip)).replace('v', 'i'))
    holds(units === 0, 'a refusal leaves no trace', `${units} units at ${ip}`)
  }
  if (failures < full || !isFirst) return
  const [standing] = await run([() => otp.status({ to: phone, purpose: 'login' })])
  holds(standing?.ok === false, 'a refusal leaves no trace', 'a refused message put a challenge')
}
