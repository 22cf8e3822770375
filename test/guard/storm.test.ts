import { describe, expect, it } from 'vitest'
import { broken } from './storm/broken'
import { answersTo } from './storm/mirror'
import { storm } from './storm/storm'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 31)
// Seconds for which storms are tried; a few are enough to see that all of it still holds.
const longMs = 1_000 * Number(process.env.OTPKIT_STORM ?? 0)
const fewest = 6

describe(`guard, caps, test recipients and relay at once (OTPKIT_SEED=${seed})`, () => {
  it(
    'whatever is late, lost or reordered, money, counts and codes are as the provider says',
    async () => {
      const until = Date.now() + longMs
      let [count, carried, verified] = [0, 0, 0]
      for (; count < fewest || Date.now() < until; count += 1) {
        const one = seed + 1_000 * count
        const seen = await storm(one).catch((cause: unknown) => {
          const text = cause instanceof Error ? cause.message : String(cause)
          throw new Error(`seed ${one}: ${text}`, { cause })
        })
        carried += seen.carried
        verified += seen.verified
      }
      console.info(`${count} storms, ${carried} messages, ${verified} verified`)
      expect(carried, 'messages').toBeGreaterThan(0)
      expect(verified, 'verified').toBeGreaterThan(0)
    },
    longMs + 300_000,
  )

  const worlds = [
    { name: 'nobody', isKnown: () => false, isTogether: true },
    {
      name: 'everybody, from time to time',
      isKnown: (to: string, round: number) => (Number(to) + round) % 2 === 0,
      isTogether: false,
    },
    {
      name: 'everybody, from the third round on',
      isKnown: (_: string, round: number) => round > 2,
      isTogether: false,
    },
  ]
  it.each(worlds)(
    'no answer, limit or wait tells whether everybody has an account, or $name',
    async ({ isKnown, isTogether }) => {
      for (let count = 0; count < fewest; count += 1) {
        const one = seed + 1_000 * count
        const known = await answersTo(one, () => true, { isTogether })
        expect(await answersTo(one, isKnown, { isTogether }), `seed ${one}`).toEqual(known)
      }
    },
  )

  it('and they would where what is withheld is not counted', async () => {
    const differs = async (one: number) => {
      const known = await answersTo(one, () => true, { isCounted: false })
      return known.join() !== (await answersTo(one, () => false, { isCounted: false })).join()
    }
    const all = Array.from({ length: fewest }, (_, nth) => differs(nth))
    expect(await Promise.all(all)).toContain(true)
  })

  // The same storms in every run: what is broken must not slip through by luck.
  it.each(broken)('shows that something is wrong: $name', async (fault) => {
    const storms = Array.from({ length: 40 }, (_, nth) => nth)
    const seen = async () => {
      for (const nth of storms) await storm(nth, fault)
    }
    await expect(seen()).rejects.toThrow(fault.shows)
  })
})
