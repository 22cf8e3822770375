import { describe, it } from 'vitest'
import { joinedAsShipped, type Scenery } from './backend'
import { guessing } from './guesses'
import { rulesOfJoined, rulesOfSecrecy } from './joinings'
import { living } from './lives'
import { type Invariant, type Rule, rules } from './rules'
import { asking } from './secrecy'
import { sending } from './sends'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
const rounds = 60

type Scene = (scenery: Scenery) => Promise<void>
const scenes: readonly (readonly [string, Scene, Partial<Scenery>])[] = [
  ['guesses at one moment', guessing, {}],
  ['guesses of clients that ask again', guessing, { again: 3 }],
  ['guesses over lines that are cut', guessing, { cuts: 12 }],
  ['messages at one moment', sending, {}],
  ['one thing after another', living, {}],
]
const pairScenes: typeof scenes = [
  ['guesses at one moment', guessing, {}],
  ['guesses at one moment, apart', guessing, { isApart: true }],
  ['guesses over lines that are cut', guessing, { cuts: 30 }],
  ['messages at one moment', sending, {}],
  ['one thing after another', living, {}],
]

/** Runs a scene in as many orders, and names the seed of the one that breaks something. */
async function play(scene: Scene, scenery: Partial<Scenery>, from: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await scene({ ...scenery, seed: from + round }).catch((cause: unknown) => {
      const text = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`seed ${from + round}: ${text}`, { cause })
    })
  }
}

/** Rejects unless a scene breaks this invariant; the orders are the same in every run. */
async function expectBroken(
  among: typeof scenes,
  scenery: Partial<Scenery>,
  invariant: Invariant,
): Promise<void> {
  const others = new Set<string>()
  for (let round = 1; round < 200; round += 1) {
    for (const [, scene, own] of among) {
      const failure: unknown = await scene({ ...own, ...scenery, seed: round }).catch(String)
      if (typeof failure !== 'string') continue
      if (failure.includes(`${invariant}: `)) return
      others.add(failure)
    }
  }
  throw new Error(`it holds without the rule; what was seen: ${[...others].slice(0, 3).join()}`)
}

describe(`begin and settle in a model (OTPKIT_SEED=${seed})`, () => {
  it.each(scenes)('hold up every invariant: %s', (_, scene, scenery) => play(scene, scenery, seed))

  it('tell nobody who has an account', () => play(asking, {}, seed))

  it.each(Object.entries(rules))('without "%s": %s', (rule, invariant) =>
    expectBroken(scenes, { off: rule as Rule }, invariant),
  )

  it.each(rulesOfSecrecy)('without "$rule": $breaks', ({ joining, breaks }) =>
    expectBroken([['', asking, {}]], { joining }, breaks),
  )
})

describe(`joined over a model of a store and a limiter (OTPKIT_SEED=${seed})`, () => {
  it.each(pairScenes)('holds up every invariant: %s', (_, scene, scenery) =>
    play(scene, { ...scenery, joining: joinedAsShipped }, seed),
  )

  it('tells nobody who has an account', () => play(asking, { joining: joinedAsShipped }, seed))

  it.each(rulesOfJoined)('without "$rule": $breaks', ({ joining, breaks }) =>
    expectBroken(pairScenes, { joining }, breaks),
  )
})
