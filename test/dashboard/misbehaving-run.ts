import { DeliveryError } from 'otpkit'
import { ledgerKeyOf, wrong } from '../fixture'
import { type Dashboard, hourMs } from './serve-dashboard'

/** Whom too many wrong codes have locked. */
export const lockedPhone = '+919800000001'

/** Of each hour before: all is well. */
const usual = { sent: 30, delivered: 29, lost: 1, verified: 27, elapsedMs: 6_000 }

/** What goes wrong in the last hour, as it was done and not as any history counts it. */
export const truth = {
  sent: 30,
  delivered: 11,
  lost: 16,
  verified: 9,
  wrongCodes: 5,
  withheld: 3,
  refusedByCooldown: 4,
  refusedAsLocked: 2,
  unsent: 6,
  mailed: 4,
  elapsedMs: 20_000,
  /** What each message that was delivered cost, in dollars. */
  priceOfOne: 0.05,
  usual,
}

const numbers = Array.from({ length: 60 }, (_, index) => `+9198765${43_000 + index}`)
const numberAt = (index: number): string => numbers[index] ?? ''

/** Half an hour as it was a week and a day ago, and then one in which much fails. */
export async function misbehave(dashboard: Dashboard): Promise<void> {
  const { clock } = dashboard
  for (const waitMs of [6 * 24 * hourMs, 24 * hourMs]) {
    await goWell(dashboard)
    clock.advance(waitMs)
  }
  await goWrong(dashboard)
}

async function sendTo(dashboard: Dashboard, to: string): Promise<string> {
  const { code } = await dashboard.receive({ to })
  return code
}

/** Reports of the messages that were sent last, in the order in which they were sent. */
function report({ otp, sms }: Dashboard, from: number, delivered: number, lost: number): void {
  for (let index = 0; index < delivered + lost; index += 1) {
    otp.receipt({
      provider: sms.name,
      messageId: `${sms.name}-${from + index + 1}`,
      ...(index < delivered
        ? { status: 'delivered', price: { amount: truth.priceOfOne, currency: 'USD' } }
        : { status: 'failed', kind: 'opted_out', providerCode: '21610' }),
    })
  }
}

async function goWell(dashboard: Dashboard): Promise<void> {
  const { clock, verify, sms } = dashboard
  const from = sms.messages.length
  const codes: string[] = []
  for (let index = 0; index < usual.sent; index += 1) {
    codes.push(await sendTo(dashboard, numberAt(index)))
  }
  clock.advance(usual.elapsedMs)
  for (let index = 0; index < usual.verified; index += 1) {
    await verify(codes[index] ?? '', { to: numberAt(index) })
  }
  report(dashboard, from, usual.delivered, usual.lost)
}

async function goWrong(dashboard: Dashboard): Promise<void> {
  const { clock, send, verify, receive, sms, rateLimiter } = dashboard
  const from = sms.messages.length
  const codes: string[] = []
  for (let index = 0; index < truth.sent; index += 1) {
    codes.push(await sendTo(dashboard, numberAt(index)))
  }
  for (let index = 0; index < truth.refusedByCooldown; index += 1) {
    await send({ to: numberAt(index) })
  }
  for (let index = 0; index < truth.withheld; index += 1) {
    await send({ to: numberAt(40 + index), deliver: false })
  }
  for (let index = 0; index < truth.unsent; index += 1) {
    sms.failNext(
      new DeliveryError({
        kind: 'misconfigured',
        sent: 'no',
        provider: sms.name,
        providerCode: '21608',
        consolePage: 'https://console.example.com/numbers',
      }),
    )
    await send({ to: numberAt(50 + index) }).catch(() => 'no provider took it')
  }
  for (let index = 0; index < truth.mailed; index += 1) {
    await receive({ to: `person${index}@example.com`, channel: 'email', purpose: 'signup' })
  }
  clock.advance(truth.elapsedMs)
  for (let index = 0; index < truth.wrongCodes; index += 1) {
    await verify(wrong(codes[20 + index] ?? ''), { to: numberAt(20 + index) })
  }
  for (let index = 0; index < truth.verified; index += 1) {
    await verify(codes[index] ?? '', { to: numberAt(index) })
  }
  report(dashboard, from, truth.delivered, truth.lost)

  const windowMs = 180 * 24 * hourMs
  const key = await ledgerKeyOf(lockedPhone)
  await rateLimiter.take([{ key, max: 100, windowMs, cost: 100 }])
  for (let index = 0; index < truth.refusedAsLocked; index += 1) {
    await verify('000000', { to: lockedPhone })
  }
}
