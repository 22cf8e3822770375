import { DeliveryError, type History, isOtpError, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { byCountry } from 'otpkit/deliveries/by-country'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { secret } from '../fixture'

export const hour = 3_600_000
export const day = 24 * hour

const reviewer = '+919812345678'

/** What really happened, counted from what calls returned and not from what was told. */
export interface Truth {
  refused: number
  unsent: number
  sent: number
  accepted: number
  delivered: number
  lost: number
  incorrect: number
  verified: number
  withheld: number
  relayed: number
  test: number
}

const nothing = (): Truth => ({
  refused: 0,
  unsent: 0,
  sent: 0,
  accepted: 0,
  delivered: 0,
  lost: 0,
  incorrect: 0,
  verified: 0,
  withheld: 0,
  relayed: 0,
  test: 0,
})

/**
 * Four hundred challenges, half of them in the last minute of an hour and half in the next hour, by two
 * managers with a history each over one place, while a country fails, a provider does not answer, a
 * recipient is flooded, wrong codes come in a burst, and receipts say failed and come twice.
 */
export async function misbehave(
  open: (clock: () => number) => readonly [History, History],
  border: number,
) {
  const clock = testClock(border - day - hour)
  const acme = capturedDelivery({ name: 'acme', reaches: ['phone'] })
  const codes = new Map<string, string>()
  const priced = (currency: string, amount: number) => ({
    ...acme,
    deliver: async (message: Parameters<typeof acme.deliver>[0]) => {
      codes.set(message.to, message.code ?? '')
      return { provider: 'acme', messageId: message.reference, price: { amount, currency } }
    },
  })
  const failing = {
    ...acme,
    deliver: async () => {
      const consolePage = 'https://console.acme.example/countries'
      const refusal = { kind: 'misconfigured', sent: 'no', provider: 'acme' } as const
      throw new DeliveryError({ ...refusal, providerCode: '21408', consolePage })
    },
  }
  const silent = {
    ...acme,
    name: 'slow',
    deliver: async ({ to, code = '' }: Parameters<typeof acme.deliver>[0]) => {
      codes.set(to, code)
      throw new DeliveryError({ kind: 'unavailable', sent: 'unknown', provider: 'slow' })
    },
  }
  const unpriced = {
    ...acme,
    deliver: async (message: Parameters<typeof acme.deliver>[0]) => {
      codes.set(message.to, message.code ?? '')
      return { provider: 'acme', messageId: message.reference, segments: 2 }
    },
  }
  const database = memory({ clock: clock.now })
  const histories = open(clock.now)
  const managers = histories.map((history) => {
    const otp = new OtpManager({
      secret,
      clock: clock.now,
      database,
      deliveries: {
        sms: byCountry({
          IN: priced('INR', 0.25),
          IR: failing,
          DE: silent,
          BD: unpriced,
        }),
      },
      countries: ['IN', 'IR', 'DE', 'BD'],
      purposes: ['login', 'signup'],
      limits: { ip: [], verifyIp: [] },
      testRecipients: { codes: { [reviewer]: '314159' } },
    })
    otp.subscribe(history.record)
    return otp
  })
  const truths = new Map<string, Truth>()
  const truthOf = (country: string) => {
    const truth = truths.get(country) ?? nothing()
    truths.set(country, truth)
    return truth
  }
  let number = 0
  /** Numbers of each country's plan. */
  const beginnings: Readonly<Record<string, string>> = {
    IN: '+9198765',
    IR: '+98912345',
    DE: '+4915123',
    BD: '+8801712',
  }
  const digits: Readonly<Record<string, number>> = { IN: 5, IR: 4, DE: 6, BD: 6 }
  const next = (country: string) => {
    number += 1
    return `${beginnings[country]}${String(number).padStart(digits[country] ?? 5, '0')}`
  }
  const managerOf = (index: number) => {
    const manager = managers[index % managers.length]
    if (manager === undefined) throw new Error('there is no manager')
    return manager
  }

  async function send(
    country: string,
    index: number,
    more: { readonly deliver?: boolean; readonly to?: string } = {},
  ) {
    const { to = next(country), deliver = true } = more
    const truth = truthOf(country)
    const request = { to, channel: 'sms', purpose: 'login', ip: null, deliver } as const
    try {
      const sent = await managerOf(index).send(request)
      if (!sent.ok) truth.refused += 1
      else if (!deliver) truth.withheld += 1
      else {
        truth.sent += 1
        if (sent.delivery === 'accepted') truth.accepted += 1
        return { to, messageId: sent.messageId ?? '' }
      }
    } catch (error) {
      if (!isOtpError(error) || error.code !== 'delivery_failed') throw error
      truth.unsent += 1
    }
    return { to, messageId: '' }
  }

  async function verify(country: string, to: string, index: number, isRight: boolean) {
    const code = codes.get(to) ?? ''
    const other = String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0')
    const guess = { to, purpose: 'login', ip: null, code: isRight ? code : other } as const
    // The other manager than the one that sent it.
    const result = await managerOf(index + 1).verify(guess)
    if (result.ok) truthOf(country).verified += 1
    else if (result.reason === 'incorrect') truthOf(country).incorrect += 1
  }

  function report(
    country: string,
    messageId: string,
    index: number,
    status: 'delivered' | 'failed',
  ) {
    const receipt =
      status === 'failed'
        ? ({ status, kind: 'unknown', providerCode: '30003' } as const)
        : { status }
    const earlier = { provider: 'acme', messageId, status: 'sent' } as const
    // In both processes, twice, and the earlier one after the later.
    for (const manager of managers) manager.receipt({ provider: 'acme', messageId, ...receipt })
    managerOf(index).receipt(earlier)
    truthOf(country)[status === 'failed' ? 'lost' : 'delivered'] += 1
  }

  /** So many in every country, as it goes where all is well with ours. */
  async function traffic(size: number, isWell: boolean) {
    const sent = []
    for (let index = 0; index < size; index += 1) {
      sent.push({ country: 'IN', index, ...(await send('IN', index)) })
      if (isWell) continue
      if (index % 2 === 0) await send('IR', index)
      if (index % 3 === 0) sent.push({ country: 'DE', index, ...(await send('DE', index)) })
      if (index % 3 === 1) sent.push({ country: 'BD', index, ...(await send('BD', index)) })
      if (index % 5 === 0) await send('IN', index, { deliver: false })
      if (index % 6 === 0) await relay(index)
    }
    return sent
  }

  async function relay(index: number) {
    const to = next('IN')
    const code = '135791'
    const request = { to, code, channel: 'sms', purpose: 'signup', ip: null } as const
    const relayed = await managerOf(index).relay(request)
    if (relayed.ok) truthOf('IN').relayed += 1
  }

  /** A reviewer of the store logs in, after a typing error. Nothing of it is anybody's traffic. */
  async function review(index: number) {
    const request = { to: reviewer, purpose: 'signup', ip: null } as const
    const sent = await managerOf(index).send({ ...request, channel: 'sms' })
    if (sent.ok) truthOf('IN').test += 1
    await managerOf(index).send({ ...request, channel: 'sms' })
    await managerOf(index).verify({ ...request, code: '271828' })
    await managerOf(index).verify({ ...request, code: '314159' })
  }

  async function use(sent: Awaited<ReturnType<typeof traffic>>, isWell: boolean) {
    for (const { country, index, to, messageId } of sent) {
      if (country === 'IN') report('IN', messageId, index, 'delivered')
      if (country === 'BD') report('BD', messageId, index, 'failed')
      if (country === 'BD') continue
      // A burst of wrong codes: every fourth tries two of them and goes away.
      const isGuessing = !isWell && index % 4 === 0
      if (isGuessing) {
        await verify(country, to, index, false)
        await verify(country, to, index, false)
      } else if (country === 'IN' || index % 2 === 1) await verify(country, to, index, true)
    }
  }

  const flush = () => Promise.all(histories.map((history) => history.flush()))

  // The same hour of the day before, when all was well.
  clock.advance(hour - 1)
  const well = await traffic(60, true)
  clock.advance(20_000)
  await use(well, true)
  await flush()
  truths.clear()

  clock.advance(border - 1 - clock.now())
  const early = await traffic(60, false)
  clock.advance(1)
  const late = await traffic(60, false)
  const flooded = next('IN')
  for (let index = 0; index < 40; index += 1) await send('IN', index, { to: flooded })
  await review(0)
  clock.advance(20_000)
  await use([...early, ...late], false)
  await flush()
  clock.advance(10 * 60_000)

  const total = nothing()
  for (const truth of truths.values()) {
    for (const name of Object.keys(total) as (keyof Truth)[]) total[name] += truth[name]
  }
  return { clock, managers, histories, truths, total, flooded }
}
