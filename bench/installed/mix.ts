import type { Command, Mixed } from '../protocol'
import { randomOf } from '../random'
import type { Contender } from './contender'
import { inFlight, ip, phone, wrongFor } from './people'

/**
 * Traffic as a backend sees it, over a few thousand people who come back: a code is asked for, often
 * mistyped, sometimes guessed at by a stranger, and sometimes never used.
 */
export async function runMix(
  contender: Contender,
  codes: Map<string, string>,
  command: Extract<Command, { do: 'mix' }>,
): Promise<Mixed> {
  const random = randomOf(command.seed)
  const outcomes: Record<string, number> = {}
  const note = (outcome: string) => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  const start = performance.now()
  await inFlight(command.inFlight, async () => {
    while (performance.now() - start < command.forMs) {
      const person = Math.floor(random() * 5_000)
      const to = phone(90_000_000 + person)
      const from = ip(Math.floor(random() * 2 ** 24))
      const what = random()
      if (what < 0.3) {
        note((await contender.send(to, from)) ? 'sent' : 'not sent')
      } else {
        const code = codes.get(to) ?? '000000'
        const guess = what < 0.6 ? wrongFor(code) : code
        note(await contender.verify(to, guess, from))
      }
    }
  })
  return outcomes
}
