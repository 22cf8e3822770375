import type { OtpEvent } from 'otpkit'
import { createFixture, noLimits } from '../fixture'

type Options = NonNullable<Parameters<typeof createFixture>[0]>

/** The nth number of a block of 10,000. */
export const number = (nth: number, block = '987654') =>
  `+91${block}${String(nth).padStart(4, '0')}`
/** A number in a block of its own, within a larger block of its own from 100 on. */
export const scattered = (nth: number) =>
  number(nth % 100, `9${String(80_000 + nth * 7).slice(0, 5)}`)
/** The nth sender. */
export const sender = (nth: number) => `198.51.${Math.floor(nth / 250)}.${nth % 250}`

export const suspicions = (events: readonly OtpEvent[]) =>
  events.flatMap((event) => (event.type === 'suspected' ? [event] : []))

/** A manager with a guard, and what asks it and tells how it was answered. */
export function guarded(guard: NonNullable<Options['guard']>, more: Options = {}, isBehind = true) {
  const works: Promise<void>[] = []
  const background = (work: Promise<void>) => void works.push(work)
  const fixture = createFixture({
    limits: noLimits,
    guard,
    ...(isBehind && { background }),
    ...more,
  })
  const done = () => Promise.all(works.splice(0))
  let asked = 0
  const ask = async (more: Parameters<typeof fixture.send>[0] = {}) => {
    asked += 1
    const answer = await fixture.send({ ip: sender(asked), ...more })
    await done()
    return answer
  }
  const use = async (to: string) => {
    const result = await fixture.verify(fixture.sms.lastCode(), { to })
    await done()
    return result
  }
  /** What a level of the guard says of the next message to the block. */
  const explained = async (level: string) => {
    const asked = { to: number(2), channel: 'sms', purpose: 'login', ip: null } as const
    const answer = await fixture.otp.explain(asked)
    const state = answer.ok ? answer.send.find((one) => one.level === level) : undefined
    return { used: state?.used ?? Number.NaN, max: state?.max ?? Number.NaN }
  }
  /** How many of so many messages pass. */
  const passing = async (count: number, of: (nth: number) => Parameters<typeof ask>[0]) => {
    let passed = 0
    for (let nth = 0; nth < count; nth += 1) if ((await ask(of(nth))).ok) passed += 1
    return passed
  }
  return { ...fixture, ask, use, passing, done, explained }
}
