import { createHmac, createSecretKey } from 'node:crypto'
import type { Place } from '../protocol'
import { codeCommands } from './code-commands'
import type { Contender, Deliver } from './contender'

/**
 * The least that anybody could do for a call: one HMAC and one command. The code is always the same,
 * nothing is counted, and nothing is limited.
 */
export async function createFloor(place: Place, deliver: Deliver): Promise<Contender> {
  const key = createSecretKey(Buffer.from('what four processes of one backend have in common'))
  const name = (to: string) => createHmac('sha256', key).update(to).digest('base64url')
  const commands = await codeCommands(place, 'floor')
  const code = '314159'
  return {
    async send(to) {
      await commands.save(name(to), code)
      deliver(to, code)
      return true
    },
    async verify(to, guess) {
      return (await commands.take(name(to), guess)) ? 'verified' : 'incorrect'
    },
    close: commands.close,
  }
}
