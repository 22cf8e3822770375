import { describe, expect, it } from 'vitest'
import { createFixture, email, ledgerKeyOf, noLimits, phone } from '../fixture'

type Fixture = ReturnType<typeof createFixture>

const asked = { to: phone, channel: 'sms', purpose: 'login', ip: '203.0.113.7' } as const

async function explained(
  { otp }: { readonly otp: Pick<Fixture['otp'], 'explain'> },
  more: object = {},
) {
  const answer = await otp.explain({ ...asked, ...more })
  if (!answer.ok) throw new Error(`not explained: ${JSON.stringify(answer)}`)
  return answer
}

/** The limits that would refuse now. */
const refusing = (limits: readonly { limit: string; retryAfterMs: number }[]) =>
  limits
    .filter(({ retryAfterMs }) => retryAfterMs > 0)
    .map(({ limit, retryAfterMs }) => [limit, retryAfterMs])

describe('otp.explain', () => {
  it('says of a stranger that nothing stands in the way', async () => {
    const fixture = createFixture()
    const known = await fixture.otp.recipient(phone)
    const answer = await explained(fixture)
    expect(answer).toEqual({
      ok: true,
      recipient: '+91••••••••10',
      fingerprint: known.ok && known.fingerprint,
      country: 'IN',
      routes: [{ channel: 'sms', provider: 'sms-provider' }],
      failures: 0,
      lockedForMs: 0,
      codeLength: 6,
      challenge: null,
      send: [
        { limit: 'cooldown', max: 1, windowMs: 30_000, used: 0, retryAfterMs: 0 },
        { limit: 'recipient', max: 3, windowMs: 120_000, used: 0, retryAfterMs: 0 },
        { limit: 'recipient', max: 5, windowMs: 3_600_000, used: 0, retryAfterMs: 0 },
        { limit: 'recipient', max: 10, windowMs: 86_400_000, used: 0, retryAfterMs: 0 },
        { limit: 'ip', max: 5, windowMs: 60_000, used: 0, retryAfterMs: 0 },
      ],
      verify: [{ limit: 'ip', max: 30, windowMs: 60_000, used: 0, retryAfterMs: 0 }],
    })
  })

  it('says of an address which one it is, and no country', async () => {
    const answer = await explained(createFixture(), { to: email, channel: 'email' })
    expect(answer).toMatchObject({ recipient: 'p•••@example.com', failures: 0 })
    expect(answer).not.toHaveProperty('country')
  })

  it('names every limit that refuses, each with its own wait, where `send` names one', async () => {
    const fixture = createFixture({ limits: { recipient: [{ max: 2, per: '1h' }] } })
    const { clock, send } = fixture
    await send({ ip: asked.ip })
    clock.advance(31_000)
    await send({ ip: asked.ip })
    const answer = await explained(fixture)
    const hour = 3_600_000
    expect(refusing(answer.send)).toEqual([
      ['cooldown', 30_000],
      ['recipient', hour - 31_000],
    ])
    const refused = await send({ ip: asked.ip })
    expect(refused).toMatchObject({ limit: 'recipient', retryAfterMs: hour - 31_000 })
    clock.advance(30_000)
    expect(refusing((await explained(fixture)).send)).toEqual([['recipient', hour - 61_000]])
  })

  it('shows the living challenge, and the count of its messages', async () => {
    const fixture = createFixture({ limits: noLimits })
    const { clock, events, send, verify } = fixture
    for (let message = 0; message < 4; message += 1) await send()
    await verify('000000')
    clock.advance(10_000)
    const answer = await explained(fixture)
    const [{ challengeKey } = { challengeKey: undefined }] = events.filter(
      ({ type }) => type === 'incorrect',
    ) as { challengeKey: string }[]
    expect(answer.challenge).toEqual({
      challengeKey,
      channel: 'sms',
      codeLength: 6,
      withheld: false,
      expiresInMs: 290_000,
      attemptsLeft: 2,
    })
    // A code of five minutes is repeated in the first four.
    expect(refusing(answer.send)).toEqual([['challenge', 230_000]])
    expect(await send()).toMatchObject({ limit: 'challenge', retryAfterMs: 230_000 })
    clock.advance(230_001)
    expect((await explained(fixture)).send).toEqual([])
    expect(await send()).toMatchObject({ ok: true })
  })

  it('tells a withheld code from one that was sent', async () => {
    const fixture = createFixture()
    await fixture.send({ deliver: false })
    expect((await explained(fixture)).challenge).toMatchObject({ withheld: true })
  })

  it('shows failures, longer codes, narrower limits and the lock', async () => {
    const fixture = createFixture({ limits: noLimits })
    const { otp, rateLimiter, clock } = fixture
    const day = 86_400_000
    const fail = async (cost: number) => {
      const limit = { key: await ledgerKeyOf(phone), max: 100, windowMs: 180 * day, cost }
      expect(await rateLimiter.take([limit])).toMatchObject({ ok: true })
    }
    await fail(4)
    expect(await explained(fixture)).toMatchObject({ failures: 4, codeLength: 6, send: [] })
    clock.advance(day)
    await fail(1)
    const grown = await explained(fixture)
    expect(grown).toMatchObject({ failures: 5, codeLength: 8, lockedForMs: 0 })
    expect(grown.send.map(({ max, windowMs }) => [max, windowMs])).toEqual([
      [3, day / 24],
      [6, day],
    ])
    await fail(95)
    const locked = await explained(fixture)
    expect(locked).toMatchObject({ failures: 100, lockedForMs: 179 * day })
    expect(locked.send).toHaveLength(5)
    expect(await fixture.send()).toMatchObject({ reason: 'locked', retryAfterMs: 179 * day })
    await otp.unlock(phone)
    expect(await explained(fixture)).toMatchObject({ failures: 0, lockedForMs: 0 })
  })

  it('leads to no challenge where only the handle does', async () => {
    const fixture = createFixture({ bind: 'challenge' })
    await fixture.send()
    expect(await explained(fixture)).toMatchObject({ challenge: null })
  })

  it('names the carriers of a list in their order, and refuses what `send` would', async () => {
    const fixture = createFixture()
    const listed = await explained(fixture, { channel: ['whatsapp', 'email', 'sms'] })
    expect(listed.routes).toEqual([
      { channel: 'whatsapp', provider: 'whatsapp-provider' },
      { channel: 'sms', provider: 'sms-provider' },
    ])
    const refused = [
      [{ to: '+4915123456789' }, 'to', 'country'],
      [{ to: 'person@example.com' }, 'to', 'channel'],
      [{ channel: 'pigeon' }, 'channel', 'unknown'],
      [{ purpose: 7 }, 'purpose', 'type'],
      [{ ip: Object(1) }, 'ip', 'type'],
    ] as const
    for (const [change, field, problem] of refused) {
      const answer = await fixture.otp.explain({ ...asked, ...change } as never)
      expect(answer).toEqual({ ok: false, reason: 'invalid', field, problem })
    }
  })
})
