import { createHmac, createSecretKey, randomInt } from 'node:crypto'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Place } from '../protocol'
import { codeCommands } from './code-commands'
import type { Contender, Deliver } from './contender'
import { createLimiters } from './hand-made-limiters'

/**
 * What a careful application writes over rate-limiter-flexible: everything is counted before
 * anything is looked at, and a code is used up by the very command that compares it. Recipient and
 * IP are asked at the same time. Numbers are taken as they are.
 */
export async function createHandMade(place: Place, deliver: Deliver): Promise<Contender> {
  const { limiter, close } = await createLimiters(place)
  const [sends, sendsOfIp] = [await limiter('hand_sends', 5, 3600), await limiter('hand_ip', 5, 60)]
  const [guesses, guessesOfIp] = [
    await limiter('hand_guesses', 3, 300),
    await limiter('hand_guess_ip', 30, 60),
  ]
  const commands = await codeCommands(place, 'hand_codes')
  const key = createSecretKey(Buffer.from('what four processes of one backend have in common'))
  const digest = (to: string, code: string) =>
    createHmac('sha256', key).update(`${to} ${code}`).digest('base64url')

  return {
    async send(to, ip) {
      const room = await Promise.all([consume(sends, to), consume(sendsOfIp, ip)])
      if (room.includes(false)) return false
      const code = String(randomInt(1_000_000)).padStart(6, '0')
      await commands.save(to, digest(to, code))
      deliver(to, code)
      return true
    },
    async verify(to, code, ip) {
      const room = await Promise.all([consume(guesses, to), consume(guessesOfIp, ip)])
      if (room.includes(false)) return 'refused'
      if (!(await commands.take(to, digest(to, code)))) return 'incorrect'
      await guesses.delete(to)
      return 'verified'
    },
    async close() {
      await commands.close()
      await close()
    },
  }
}

// A limiter rejects with an `Error` when it fails, and with a result when there is no room.
function consume(limiter: RateLimiterAbstract, key: string): Promise<boolean> {
  return limiter.consume(key).then(
    () => true,
    (reason: unknown) => {
      if (reason instanceof Error) throw reason
      return false
    },
  )
}
