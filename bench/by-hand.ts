import type { Way } from './side-by-side'
import { email, ip } from './ways'

/** A limiter of rate-limiter-flexible, as far as it is called. */
export interface Consumer {
  consume(key: string): Promise<unknown>
  reward(key: string): Promise<unknown>
}

/** Makes a limiter of rate-limiter-flexible. */
export type CreateConsumer = (name: string, max: number, seconds: number) => Promise<Consumer>

/** How an application keeps codes itself. */
export interface Codes {
  save(to: string, code: string): Promise<unknown>
  /** Counts an attempt, compares, and removes the code when it is right. */
  use(to: string, code: string): Promise<boolean>
}

/**
 * What applications write today: a limiter of rate-limiter-flexible for the recipient and one for
 * the address, asked at the same time, and the code in commands of its own.
 */
export async function byHandWay(create: CreateConsumer, codes: Codes): Promise<Way> {
  const [send, verify] = [await create('send', 5, 3600), await create('verify', 5, 3600)]
  const [sendIp, verifyIp] = [await create('send_ip', 5, 60), await create('verify_ip', 30, 60)]
  return {
    name: 'by hand',
    steps: {
      send: async (index) => {
        const to = email(index)
        await Promise.all([send.consume(to), sendIp.consume(ip(index))])
        await codes.save(to, codeOf(index))
      },
      right: async (index) => {
        const to = email(index)
        await Promise.all([verify.consume(to), verifyIp.consume(ip(index))])
        if (!(await codes.use(to, codeOf(index)))) throw new Error('a right code was refused')
      },
    },
  }
}

/** The same with a limiter for each of the library's windows, and failures counted for 180 days. */
export async function byHandSameLimitsWay(create: CreateConsumer, codes: Codes): Promise<Way> {
  const send = [
    await create('full_cooldown', 1, 30),
    await create('full_minutes', 3, 120),
    await create('full_hour', 5, 3600),
    await create('full_day', 10, 86_400),
  ]
  const sendIp = await create('full_send_ip', 5, 60)
  const failures = await create('full_failures', 100, 180 * 86_400)
  const verifyIp = await create('full_verify_ip', 30, 60)
  return {
    name: 'by hand, same limits',
    steps: {
      send: async (index) => {
        const to = email(index)
        const consumed = send.map((limiter) => limiter.consume(to))
        await Promise.all([...consumed, sendIp.consume(ip(index))])
        await codes.save(to, codeOf(index))
      },
      right: async (index) => {
        const to = email(index)
        await Promise.all([failures.consume(to), verifyIp.consume(ip(index))])
        if (!(await codes.use(to, codeOf(index)))) throw new Error('a right code was refused')
        await failures.reward(to)
      },
    },
  }
}

// A code by hand costs nothing to speak of, so it is not part of the comparison.
function codeOf(index: number): string {
  return String(index % 1_000_000).padStart(6, '0')
}
