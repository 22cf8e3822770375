import { describe, expect, it } from 'vitest'
import { createFixture, phone, wrong } from '../fixture'

const hour = 60 * 60_000
const ledgerMs = 180 * 24 * hour
const days = 720

/**
 * Runs the shipped code for 720 days, four lives of a failure, against one recipient who logs in every day. The attacker
 * knows the number, has addresses without end, polls, asks for messages and resends, and guesses
 * inside the victim's live challenge before the victim types the code. The guesses miss on purpose:
 * what is summed is the chance that each compared one had.
 *
 * `greedy` uses every attempt the policy allows; `patient` only those against six digits, and where
 * the victim's success forgives some, those first.
 *
 * Returns the highest sum in any 180 days, and the mean of a year.
 */
async function attack(bind: 'recipient' | 'challenge', style: 'greedy' | 'patient') {
  const base = createFixture()
  const { clock, sms } = base
  let attacking = false
  const guesses: { readonly at: number; readonly chance: number }[] = []
  let codeLength = 6
  let logins = 0
  const { otp } = createFixture({
    bind,
    deliveries: { sms, whatsapp: base.whatsapp, email: base.mail },
    rateLimiter: base.rateLimiter,
    store: {
      ...base.store,
      attempt: async (id, digests) => {
        const result = await base.store.attempt(id, digests)
        if (attacking && digests.length > 0 && result.outcome === 'incorrect') {
          guesses.push({ at: clock.now(), chance: 10 ** -sms.lastCode().length })
        }
        return result
      },
    },
  })

  let address = 0
  const ip = () => {
    address += 1
    return `10.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`
  }
  const send = () => otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: ip() })
  const verify = (challengeId: string, code: string) =>
    otp.verify(
      bind === 'recipient'
        ? { to: phone, purpose: 'login', code, ip: ip() }
        : { challengeId, purpose: 'login', code, ip: ip() },
    )
  const receive = async () => {
    const sent = await send()
    if (sent.ok) codeLength = sms.lastCode().length
    return sent
  }
  const guess = async (challengeId: string, times: number) => {
    attacking = true
    for (let by = 1; by <= times; by++) {
      if (style === 'patient' && codeLength > 6) break
      await verify(challengeId, wrong(sms.lastCode(), by))
    }
    attacking = false
  }

  // Ten of the guesses inside the victim's challenges are forgiven in 180 days.
  const forgivable = () =>
    bind === 'recipient'
      ? 10 - guesses.filter(({ at, chance }) => at > clock.now() - ledgerMs && chance > 1e-7).length
      : 0

  const start = clock.now()
  for (let day = 0; day < days; day++) {
    clock.advance(start + day * 24 * hour - clock.now())
    sms.clear()
    const login = await receive()
    if (login.ok) {
      const code = sms.lastCode()
      // One attempt is left for the victim, whose success may forgive what came before it.
      if (bind === 'recipient') await guess(login.challengeId, 2)
      if ((await verify(login.challengeId, code)).ok) logins += 1
    }
    clock.advance(12 * hour)
    if (style === 'patient' && (codeLength > 6 || forgivable() > 0)) continue
    const sent = await receive()
    if (!sent.ok) continue
    await guess(sent.challengeId, 2)
    clock.advance(30_000)
    await otp.resend({ challengeId: sent.challengeId, ip: ip() })
    await guess(sent.challengeId, 2)
    await guess('A'.repeat(44), 1)
  }

  const inLedger = guesses.map(({ at }) =>
    sum(guesses.filter((guess) => guess.at >= at && guess.at < at + ledgerMs)),
  )
  return { highest: Math.max(...inLedger), yearly: (sum(guesses) * 365) / days, logins }
}

function sum(guesses: readonly { readonly chance: number }[]): number {
  return guesses.reduce((total, { chance }) => total + chance, 0)
}

describe('the takeover bound that the docs publish', () => {
  // Five guesses at six digits and 95 at eight in a ledger's 180 days; where strangers share the
  // challenge, ten forgiven ones more at six.
  const perLedger = {
    challenge: 5 / 1e6 + 95 / 1e8,
    recipient: 15 / 1e6 + 95 / 1e8,
  }

  it('is 1.2e-5 a year under challenge binding, 3.2e-5 under recipient binding', () => {
    const lives = 365 / 180
    expect(perLedger.challenge * lives).toBeCloseTo(1.2e-5, 6)
    expect(perLedger.recipient * lives).toBeCloseTo(3.2e-5, 6)
  })

  it.each([
    ['challenge', 'greedy'],
    ['challenge', 'patient'],
    ['recipient', 'greedy'],
    ['recipient', 'patient'],
  ] as const)('holds for the shipped code: %s binding, %s attacker', async (bind, style) => {
    const { highest, yearly, logins } = await attack(bind, style)
    const bound = perLedger[bind]
    console.log(
      `${bind} binding, ${style}: at most ${highest.toExponential(2)} in any 180 days (bound ` +
        `${bound.toExponential(2)}), ${yearly.toExponential(2)} a year; ${logins} logins`,
    )
    expect(highest).toBeLessThanOrEqual(bound * (1 + 1e-9))
    expect(yearly).toBeLessThanOrEqual((bound * 365) / 180)
    // An attack that never got going would prove nothing.
    expect(highest).toBeGreaterThanOrEqual(style === 'patient' ? bound * 0.8 : 5e-6)
  })
})
