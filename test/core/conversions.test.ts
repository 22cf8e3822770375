import { type OtpDatabase, OtpManager, type OtpManagerSettings, type OtpPlaces } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { createKeyring } from '../../src/core/keyring'
import { boundLabels, recipientLabel } from '../../src/core/labels'
import { noLimits, phone, secret, wrong } from '../fixture'

const asked = { to: phone, channel: 'sms', purpose: 'login', ip: null } as const
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A provider that is told, and may be down. */
function listening(provider = 'carrier') {
  const told: string[] = []
  let work = async () => {}
  return {
    told,
    failWith: (failing: () => Promise<void>) => {
      work = failing
    },
    conversions: {
      provider,
      verified: async (messageId: string) => {
        told.push(messageId)
        await work()
      },
    },
  }
}

function managerOn(places: OtpPlaces, more: Partial<OtpManagerSettings<'sms', 'login'>> = {}) {
  const sms = capturedDelivery({ name: 'carrier', reaches: ['phone'] })
  const events: unknown[] = []
  const otp = new OtpManager({
    ...places,
    secret,
    deliveries: { sms },
    countries: ['IN'],
    purposes: ['login'],
    limits: noLimits,
    ...more,
  })
  otp.subscribe((event) => {
    if (event.type === 'fault') events.push(event)
  })
  return { otp, sms, faults: events }
}

async function sent({ otp, sms }: ReturnType<typeof managerOn>, more: object = {}) {
  const answer = await otp.send({ ...asked, ...more })
  if (!answer.ok) throw new Error(answer.reason)
  return { messageId: answer.messageId ?? '', code: sms.lastCode(), id: answer.challengeId }
}

describe('conversions', () => {
  it.each(['recipient', 'challenge'] as const)(
    'another process tells the provider of the newest message, once, under %s binding',
    async (bind) => {
      const database = memory()
      const { told, conversions } = listening()
      const [a, b] = [0, 1].map(() => managerOn({ database }, { conversions: [conversions], bind }))
      if (a === undefined || b === undefined) throw new Error('there are two')
      const first = await sent(a)
      const again = await a.otp.resend({ challengeId: first.id, ip: null })
      const { id, code } = { id: again.ok ? again.challengeId : '', code: a.sms.lastCode() }
      const guess = { challengeId: id, purpose: 'login', ip: null } as const
      await b.otp.verify({ ...guess, code: wrong(code, 1) })
      await settled()
      expect(told).toEqual([])
      expect(await b.otp.verify({ ...guess, code })).toMatchObject({ ok: true })
      expect(await b.otp.verify({ ...guess, code })).toMatchObject({ reason: 'used' })
      await settled()
      expect(told).toEqual([again.ok && again.messageId])
      expect(told).not.toContain(first.messageId)
    },
  )

  it('keeps the messages of two people apart', async () => {
    const { told, conversions } = listening()
    const manager = managerOn({ database: memory() }, { conversions: [conversions] })
    const [other, own] = [await sent(manager, { to: '+919876543211' }), await sent(manager)]
    expect(await manager.otp.verify({ ...asked, code: own.code })).toMatchObject({ ok: true })
    await settled()
    expect(told).toEqual([own.messageId])
    const guess = { ...asked, to: '+919876543211', code: other.code }
    expect(await manager.otp.verify(guess)).toMatchObject({ ok: true })
    await settled()
    expect(told).toEqual([own.messageId, other.messageId])
  })

  it('tells of nothing, and fails at nothing, where no message or no provider is known', async () => {
    const database = memory()
    const { told, conversions } = listening()
    const before = managerOn({ database })
    const after = managerOn({ database }, { conversions: [conversions] })
    const { code } = await sent(before)
    expect(await after.otp.verify({ ...asked, code })).toMatchObject({ ok: true })

    const gone = listening('gone')
    const kept = await sent(after)
    const changed = managerOn({ database }, { conversions: [gone.conversions] })
    expect(await changed.otp.verify({ ...asked, code: kept.code })).toMatchObject({ ok: true })

    const nameless = {
      name: 'carrier',
      reaches: ['phone'],
      deliver: async () => ({ provider: 'carrier' }),
    } as const
    const silent = managerOn(
      { database },
      { conversions: [conversions], deliveries: { sms: nameless } },
    )
    await silent.otp.send(asked)
    await settled()
    expect([told, gone.told]).toEqual([[], []])
    expect([...after.faults, ...changed.faults, ...silent.faults]).toEqual([])
  })

  it('answers without waiting, and hands the work to `background`', async () => {
    const { conversions, failWith } = listening()
    const works: Promise<void>[] = []
    const background = (work: Promise<void>) => {
      works.push(work)
    }
    const manager = managerOn({ database: memory() }, { conversions: [conversions], background })
    await manager.otp.send(asked)
    await Promise.all(works.splice(0))
    let finish = () => {}
    const waiting = new Promise<void>((resolve) => {
      finish = resolve
    })
    failWith(() => waiting)
    const code = manager.sms.lastCode()
    expect(await manager.otp.verify({ ...asked, code })).toMatchObject({ ok: true })
    expect(works).toHaveLength(1)
    finish()
    await Promise.all(works)
    expect(manager.faults).toEqual([])
  })

  it('a provider that is down changes nothing, and is a fault in the events', async () => {
    const { conversions, failWith, told } = listening()
    failWith(() => Promise.reject(new Error('down')))
    const manager = managerOn({ database: memory() }, { conversions: [conversions] })
    const { code } = await sent(manager)
    expect(await manager.otp.verify({ ...asked, code })).toMatchObject({ ok: true })
    await settled()
    expect(told).toHaveLength(1)
    expect(manager.faults).toMatchObject([{ type: 'fault', during: 'conversion' }])
  })

  it('a store that fails while it keeps a message changes no answer', async () => {
    const { conversions } = listening()
    const database = memory()
    const put = () => Promise.reject(new Error('full'))
    const manager = managerOn({ database: { ...database, put } }, { conversions: [conversions] })
    const { code } = await sent(manager)
    expect(manager.faults).toMatchObject([{ during: 'conversion' }])
    expect(await manager.otp.verify({ ...asked, code })).toMatchObject({ ok: true })
  })

  it('an answer of `send` comes when its message is kept, for whoever verifies it next', async () => {
    const { conversions } = listening()
    const database = memory()
    const done: string[] = []
    const put = async (challenge: Parameters<typeof database.put>[0]) => {
      await settled()
      await database.put(challenge)
      done.push('kept')
    }
    const manager = managerOn({ database: { ...database, put } }, { conversions: [conversions] })
    await manager.otp.send(asked).then(() => done.push('answered'))
    expect(done).toEqual(['kept', 'answered'])
  })

  it('keeps nothing without the option, or of another provider, or past the life of the code', async () => {
    const clock = testClock()
    const database = memory({ clock: clock.now })
    const puts: number[] = []
    const watched = {
      ...database,
      put: (challenge: Parameters<typeof database.put>[0]) => {
        puts.push(challenge.ttlMs)
        return database.put(challenge)
      },
    }
    await sent(managerOn({ database: watched }))
    const other = listening('somebody else')
    await sent(managerOn({ database: watched }, { conversions: [other.conversions] }))
    expect(puts).toEqual([])
    clock.advance(40_000)
    const { conversions } = listening()
    await sent(managerOn({ database: watched }, { conversions: [conversions] }))
    expect(puts).toEqual([260_000])
  })

  it('is kept under a name of its own, which tells nothing where it cannot be read', async () => {
    const database = memory()
    const gets: string[] = []
    const spoilt: OtpDatabase = {
      ...database,
      get: async (id) => {
        gets.push(id)
        const stored = await database.get(id)
        return stored && { ...stored, data: 'x' }
      },
    }
    const { conversions, told } = listening()
    const { code } = await sent(managerOn({ database }, { conversions: [conversions] }))
    const reading = managerOn({ database: spoilt }, { conversions: [conversions] })
    expect(await reading.otp.verify({ ...asked, code })).toMatchObject({ ok: true })
    await settled()
    const bytes = new TextEncoder().encode(secret)
    const keys = createKeyring([{ id: '1', bytes }], bytes, 'otpkit')
    const label = recipientLabel(keys, phone)
    const { id } = boundLabels(keys, 'login', phone, label)
    expect(gets).toEqual([keys.index('conversion', id) + label])
    expect([told, reading.faults]).toEqual([[], []])
  })

  it('asks for nothing without the option', async () => {
    const database = memory()
    let gets = 0
    const counted: OtpDatabase = {
      ...database,
      get: (id) => {
        gets += 1
        return database.get(id)
      },
    }
    const manager = managerOn({ database: counted })
    const { code } = await sent(manager)
    gets = 0
    expect(await manager.otp.verify({ ...asked, code })).toMatchObject({ ok: true })
    await settled()
    expect(gets).toBe(0)
  })

  it('keeps a withheld message too, whose code nobody has', async () => {
    const { conversions, told } = listening()
    const database = memory()
    let puts = 0
    const watched = {
      ...database,
      put: (challenge: Parameters<typeof database.put>[0]) => {
        puts += 1
        return database.put(challenge)
      },
    }
    const manager = managerOn({ database: watched }, { conversions: [conversions] })
    await manager.otp.send({ ...asked, deliver: false })
    expect([puts, told]).toEqual([1, []])
  })

  it('wants a list of objects, one for each provider', () => {
    const { conversions } = listening()
    const make = (value: unknown) => () =>
      managerOn({ database: memory() }, { conversions: value as never })
    const option = 'otpkit: OtpManager: option `conversions'
    expect(make({})).toThrow(`${option}\` must be a list`)
    expect(make([{}])).toThrow(`${option}.0\` must be an object with verified`)
    expect(make([conversions, conversions])).toThrow(`${option}\` must name each provider once`)
    expect(make([conversions, listening('another').conversions])).not.toThrow()
  })
})
