import { DeliveryError, type OtpDatabase, OtpManager, type PurposeOptions } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import type { OtpEvent } from '../../src/events'
import { ledgerKeyOf, noLimits, phone, secret } from '../fixture'

const minute = 60_000
const day = 1_440 * minute
const whom = { to: phone, purpose: 'login' } as const
const ask = { ...whom, channel: 'sms', ip: null } as const

/** Two managers of one database; before each step of the first one something else may happen. */
function createRace(settings: PurposeOptions = {}) {
  const clock = testClock()
  const database = memory({ clock: clock.now })
  const sms = capturedDelivery({ reaches: ['phone'] })
  const before: (() => Promise<unknown>)[] = []
  const raced: OtpDatabase = {
    ...database,
    begin: async (beginning) => {
      await before.shift()?.()
      return database.begin(beginning)
    },
  }
  const open = (database: OtpDatabase) =>
    new OtpManager({
      database,
      secret,
      deliveries: { sms },
      countries: ['IN'],
      purposes: ['login'],
      limits: noLimits,
      ...settings,
    })
  const [otp, other] = [open(raced), open(database)]
  const events: OtpEvent[] = []
  otp.subscribe((event) => void events.push(event))
  const fail = async (failures: number) => {
    const limit = { key: await ledgerKeyOf(phone), max: 100, windowMs: 180 * day }
    await database.take([{ ...limit, cost: failures }])
  }
  const verifyLast = () => otp.verify({ ...whom, code: sms.lastCode(), ip: null })
  return { otp, other, sms, clock, events, fail, verifyLast, before }
}

const nothing = async () => {}
const loud = { ok: true, delivery: 'accepted' }

describe('a send that means to repeat a code', () => {
  it('starts anew where the code was cancelled meanwhile', async () => {
    const { otp, other, events, verifyLast, before } = createRace()
    await otp.send(ask)
    before.push(nothing, () => other.cancel(whom))
    expect(await otp.send(ask)).toMatchObject(loud)
    expect(events.at(-1)).toMatchObject({ type: 'sent', resend: false })
    expect(await verifyLast()).toMatchObject({ ok: true })
  })

  it('repeats the code that came into its place', async () => {
    const { otp, other, sms, events, verifyLast, before } = createRace()
    await otp.send(ask)
    before.push(nothing, async () => {
      await other.cancel(whom)
      await other.send(ask)
    })
    expect(await otp.send(ask)).toMatchObject(loud)
    expect(sms.messages[2]?.code).toBe(sms.messages[1]?.code)
    expect(events.at(-1)).toMatchObject({ type: 'sent', resend: true })
    expect(await verifyLast()).toMatchObject({ ok: true })
  })

  it('starts with a longer one where the ledger grew over it', async () => {
    const { otp, other, sms, fail, verifyLast, before } = createRace()
    await otp.send(ask)
    before.push(nothing, async () => {
      await other.cancel(whom)
      await fail(5)
    })
    expect(await otp.send(ask)).toMatchObject({ ...loud, codeLength: 8 })
    expect(sms.lastCode()).toHaveLength(8)
    expect(await verifyLast()).toMatchObject({ ok: true })
  })

  it('says how long a ledger is locked, and not when a code would be renewed', async () => {
    const { otp, events, fail, before } = createRace()
    await otp.send(ask)
    before.push(nothing, () => fail(100))
    const locked = { reason: 'locked', retryAfterMs: 180 * day }
    expect(await otp.send(ask)).toEqual({ ok: false, ...locked })
    expect(events.at(-1)).toMatchObject({ type: 'refused', action: 'send', ...locked })
  })
})

describe('a send', () => {
  it('that a limit refuses is told as one', async () => {
    const { otp, events } = createRace({ limits: { ...noLimits, cooldown: '30s' } })
    await otp.send(ask)
    await otp.send(ask)
    expect(events.at(-1)).toMatchObject({ type: 'refused', action: 'send', limit: 'cooldown' })
  })

  it('repeats what somebody put before its longer code', async () => {
    const { otp, other, sms, fail, verifyLast, before } = createRace()
    await fail(5)
    before.push(nothing, () => other.send(ask))
    expect(await otp.send(ask)).toMatchObject({ ...loud, codeLength: 8 })
    expect(sms.messages[1]?.code).toBe(sms.messages[0]?.code)
    expect(await verifyLast()).toMatchObject({ ok: true })
  })

  it('that makes a silent challenge a loud one is a repeat of it, in events and counts', async () => {
    const { otp, sms, events, verifyLast } = createRace()
    await otp.send({ ...ask, deliver: false })
    sms.failNext(new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'p' }))
    expect(await otp.send(ask)).toMatchObject({ reason: 'undeliverable' })
    for (const _ of ['second', 'third', 'fourth']) expect(await otp.send(ask)).toMatchObject(loud)
    const sent = events.flatMap((event) => (event.type === 'sent' ? [event.resend] : []))
    expect(sent).toEqual([false, true, true, true])
    expect(await otp.send(ask)).toMatchObject({ limit: 'challenge' })
    expect(await otp.resend({ ...whom, ip: null })).toMatchObject({ limit: 'challenge' })
    expect(await verifyLast()).toMatchObject({ ok: true })
  })

  it('that turns a challenge is told as a repeat', async () => {
    const { otp, events } = createRace()
    await otp.send({ ...ask, deliver: false })
    await otp.send(ask)
    expect(events.map((event) => event.type === 'sent' && event.resend)).toEqual([false, true])
  })
})

describe('a resend', () => {
  it('of what was cancelled since it was read is none, and costs the recipient nothing', async () => {
    const { otp, other, clock, before } = createRace({ limits: { ...noLimits, cooldown: '30s' } })
    await otp.send(ask)
    clock.advance(30_000)
    before.push(() => other.cancel(whom))
    expect(await otp.resend({ ...whom, ip: null })).toEqual({ ok: false, reason: 'expired' })
    expect(await otp.send(ask)).toMatchObject(loud)
  })

  it('of what was replaced since it was read repeats what stands, and is counted there', async () => {
    const { otp, other, sms, verifyLast, before } = createRace()
    await otp.send(ask)
    before.push(async () => {
      await other.cancel(whom)
      await other.send(ask)
    })
    expect(await otp.resend({ ...whom, ip: null })).toMatchObject(loud)
    expect(sms.messages[2]?.code).toBe(sms.messages[1]?.code)
    for (const _ of ['third', 'fourth']) expect(await otp.send(ask)).toMatchObject(loud)
    expect(await otp.send(ask)).toMatchObject({ limit: 'challenge' })
    expect(await verifyLast()).toMatchObject({ ok: true })
  })
})
