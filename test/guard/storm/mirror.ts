import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery, lagging, testClock } from 'otpkit/testing'
import { seededIntegers } from '../../../src/testing/random'
import { noLimits, secret, wrong } from '../../fixture'

const crowded = (nth: number) => `+91987654${String(nth).padStart(4, '0')}`

/**
 * All answers that an attacker gets who asks about recipients with and without an account, and about their
 * own, which they verify: the same whoever of the others is known, since nothing is left to tell it by.
 *
 * @param isKnown - Whether this recipient has an account in this round.
 * @param isCounted - Whether what is withheld is counted, as it has to be.
 * @param isTogether - Whether a round's requests are under way at once. Where accounts come and go, who loses
 * a race asks once more, and another order of the same requests tells nothing.
 */
export async function answersTo(
  seed: number,
  isKnown: (to: string, round: number) => boolean,
  { isCounted = true, isTogether = true } = {},
): Promise<readonly string[]> {
  const below = seededIntegers(seed)
  const clock = testClock()
  const works: Promise<void>[] = []
  const sms = capturedDelivery({ reaches: ['phone'] })
  const mode = (['record', 'challenge', 'refuse'] as const)[below(3)] ?? 'refuse'
  const isFree = below(2) === 0
  const resend = below(3) === 0 ? 'new' : 'same'
  const shared = memory({ clock: clock.now })
  const watching = {
    guard: { mode },
    spend: { perDay: 8, prices: { currency: 'EUR', perMessage: { sms: 0.1 } } },
  }
  const managerOf = (number: number, watched: Partial<typeof watching>) =>
    new OtpManager({
      secret,
      database: lagging(shared, { seed: seed + number }),
      deliveries: { sms },
      countries: ['IN'],
      purposes: { login: { resend } },
      limits: isFree ? noLimits : { ip: [{ max: 40, per: '1m' }] },
      background: (work) => void works.push(work),
      clock: clock.now,
      ...watched,
    })
  const managers = [1, 2, 3].map((number) => managerOf(number, watching))
  const withholding = managerOf(4, {})
  const own = crowded(9_999)
  const heard: string[] = []
  for (let round = 0; round < 5; round += 1) {
    const asking = Array.from({ length: 14 }, () => {
      const [otp] = managers.slice(below(managers.length))
      if (otp === undefined) throw new Error('there is no manager')
      const to = below(5) === 0 ? own : crowded(below(12))
      const ip = `203.0.113.${below(3)}`
      const target = { to, ip, purpose: 'login' } as const
      const deliver = to === own || isKnown(to, round)
      const what = below(6)
      if (what < 3) {
        const challenged = below(2) === 0
        const by = deliver || isCounted ? otp : withholding
        return () => by.send({ ...target, channel: 'sms', deliver, challenged })
      }
      if (what === 3) return () => otp.resend(target)
      if (to !== own) return () => otp.verify({ ...target, code: '000000' })
      const code = sms.messages.some((message) => message.to === own) ? sms.lastCode(own) : '000000'
      return () => otp.verify({ ...target, code: what === 4 ? code : wrong(code) })
    })
    const heardAt: string[] = []
    const hear = async (ask: (typeof asking)[number]) => {
      heardAt.push(JSON.stringify(await ask()))
    }
    if (isTogether) await Promise.all(asking.map(hear))
    else for (const ask of asking) await hear(ask)
    heard.push(...heardAt)
    for (let quiet = 0; quiet < 3; quiet += 1) {
      if (works.length > 0) quiet = 0
      await Promise.all(works.splice(0))
    }
    clock.advance(1_000 + below(90_000))
  }
  return heard
}
