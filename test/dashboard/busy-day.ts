import { type Dashboard, hourMs } from './serve-dashboard'

const numbers = Array.from({ length: 60 }, (_, index) => `+9198765${43_000 + index}`)

/** A day of traffic that rises and falls, and in whose last hour few messages arrive: for pictures. */
export async function liveADay(dashboard: Dashboard): Promise<void> {
  const { clock } = dashboard
  for (let hour = 0; hour <= 24; hour += 1) {
    const isBad = hour === 24
    const many = Math.round(28 + 18 * Math.cos((hour / 24) * 2 * Math.PI))
    await liveAnHour(dashboard, many, isBad ? 0.4 : 0.96, hour)
    if (!isBad) clock.advance(hourMs - slowestMs)
  }
}

const slowestMs = 60_000

async function liveAnHour(
  { clock, otp, sms, receive, send, verify }: Dashboard,
  many: number,
  delivered: number,
  hour: number,
): Promise<void> {
  const codes: { to: string; code: string }[] = []
  for (const [index, to] of numbers.slice(0, many).entries()) {
    const { code } = await receive({ to })
    const arrives = (index % 25) / 25 < delivered
    otp.receipt({
      provider: sms.name,
      messageId: `${sms.name}-${sms.messages.length}`,
      ...(arrives
        ? { status: 'delivered', price: { amount: 0.0075, currency: 'USD' } }
        : { status: 'failed', kind: 'unavailable', providerCode: '30003' }),
    })
    if (arrives && index % 9 !== 8) codes.push({ to, code })
    if (index % 11 === hour % 11) await send({ to })
  }
  // Most type it at once, some look for their telephone.
  const waits = [4_000, 1_000 * (2 + (hour % 3)), 7_000, 8_000 + 500 * hour, 14_000]
  const rest = slowestMs - waits.reduce((sum, wait) => sum + wait, 0)
  for (const [turn, wait] of waits.entries()) {
    clock.advance(wait)
    const share = codes.filter(
      (_, index) => Math.min(4, Math.floor((index / codes.length) ** 2 * 6)) === turn,
    )
    for (const { to, code } of share) await verify(code, { to })
  }
  clock.advance(rest)
}
