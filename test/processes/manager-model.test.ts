import { describe, expect, it } from 'vitest'
import { findContradiction } from './checker'
import type { ManagerCall, Moment } from './history'
import { cooldownMs, findUntimely, managerModel } from './manager-model'

function at(start: number, end: number, call: ManagerCall): ManagerCall & Moment {
  return { process: 0, about: 'somebody', start, end, ...call }
}

function message(start: number, end: number, outcome = 'accepted') {
  return at(start, end, { method: 'message', outcome })
}

/** An accepted `send`. */
function sent(start: number, end: number, code: string, challenge = 'login') {
  return [message(start, end), at(start, end, { method: 'code', challenge, outcome: code })]
}

function verify(start: number, end: number, outcome?: string, code = 'right', challenge = 'login') {
  const call = { method: 'verify', challenge, code } as const
  return at(start, end, outcome === undefined ? call : { ...call, outcome })
}

/** Wrong guesses one after another, with these outcomes. */
function wrong(start: number, challenge: string, ...outcomes: readonly string[]) {
  return outcomes.map((outcome, index) => {
    const moment = start + 2 * index
    return verify(moment, moment + 1, outcome, 'wrong', challenge)
  })
}

const contradiction = expect.stringMatching(/^somebody: no order of its \d+ calls agrees$/)
const start = sent(0, 1, 'right')
const exhausted = [
  ...start,
  ...wrong(10, 'login', 'incorrect 2 1', 'incorrect 1 2', 'incorrect 0 3'),
]
const grown = [
  ...exhausted,
  ...sent(20, 21, 'other', 'handle'),
  ...wrong(30, 'handle', 'incorrect 2 4', 'incorrect 1 5'),
]

describe('the model of a manager', () => {
  it.each([
    [
      'right codes at once, of which one verifies',
      [
        ...start,
        verify(2, 9, 'used'),
        verify(3, 8, 'verified 1'),
        verify(4, 5, 'used'),
        verify(10, 11, 'expired'),
      ],
    ],
    [
      'a right code before its message was answered',
      [...sent(0, 9, 'right'), verify(2, 5, 'verified 1')],
    ],
    [
      'a message that repeats its code',
      [...start, ...sent(5, 6, 'right'), verify(7, 8, 'verified 1')],
    ],
    ['another code after a success', [...start, verify(2, 3, 'verified 1'), ...sent(5, 6, 'next')]],
    [
      'three messages',
      [
        ...start,
        message(2, 3, 'cooldown'),
        message(70, 71),
        message(140, 141),
        message(142, 143, 'recipient'),
      ],
    ],
    [
      'failures over two challenges',
      [...exhausted, ...sent(20, 21, 'next'), verify(22, 23, 'incorrect 2 4', 'wrong')],
    ],
    [
      'failures that a success takes back',
      [
        ...start,
        verify(2, 3, 'incorrect 2 1', 'wrong'),
        verify(4, 5, 'verified 2'),
        ...sent(6, 7, 'next'),
        verify(8, 9, 'incorrect 2 1', 'wrong'),
      ],
    ],
    [
      'a short guess that is not compared',
      [...grown, verify(50, 51, 'expired', 'other', 'handle')],
    ],
    [
      'a longer code after five failures',
      [...grown, ...sent(50, 51, 'longcode'), verify(52, 53, 'verified 1', 'longcode')],
    ],
    ['a guess that was never answered', [...start, verify(2, 3), verify(4, 5, 'used')]],
  ])('finds the order of %s', (_, calls) => {
    expect(findContradiction(calls, managerModel)).toBeNull()
  })

  it.each([
    ['a second success', [...start, verify(2, 9, 'verified 1'), verify(3, 8, 'verified 1')]],
    [
      'a success that somebody else took away',
      [...start, verify(2, 9, 'expired'), verify(3, 8, 'used')],
    ],
    ['a success before the message', [verify(-2, -1, 'verified 1'), ...start]],
    ['a right code that an attempt too few was left for', [...start, verify(2, 3, 'verified 2')]],
    ['a right code that is expired', [...start, verify(2, 3, 'expired')]],
    ['a right code that is incorrect', [...start, verify(2, 3, 'incorrect 2 1')]],
    ['a fourth attempt', [...exhausted, verify(20, 21, 'verified 4')]],
    [
      'a used code without end',
      [
        ...start,
        verify(2, 3, 'verified 1'),
        ...[4, 6, 8].map((moment) => verify(moment, moment + 1, 'used')),
      ],
    ],
    ['a failure that is counted twice', [...start, verify(2, 3, 'incorrect 2 2', 'wrong')]],
    [
      'two failures in one place',
      [...start, verify(2, 9, 'incorrect 2 1', 'wrong'), verify(2, 9, 'incorrect 1 1', 'wrong')],
    ],
    [
      'a failure that the next challenge has forgotten',
      [...exhausted, ...sent(20, 21, 'next'), verify(22, 23, 'incorrect 2 1', 'wrong')],
    ],
    [
      'a failure that a success leaves',
      [
        ...start,
        verify(2, 3, 'incorrect 2 1', 'wrong'),
        verify(4, 5, 'verified 2'),
        ...sent(6, 7, 'next'),
        verify(8, 9, 'incorrect 2 2', 'wrong'),
      ],
    ],
    [
      'a guess at nothing that finds something',
      [...start, verify(2, 3, 'incorrect 2 1', 'wrong', 'nothing')],
    ],
    [
      'a guess at nothing that is counted',
      [
        ...start,
        verify(2, 3, 'expired', 'wrong', 'nothing'),
        verify(4, 5, 'incorrect 2 2', 'wrong'),
      ],
    ],
    [
      'a short guess that is compared after five failures',
      [...grown, verify(50, 51, 'verified 3', 'other', 'handle')],
    ],
    ['a short code after five failures', [...grown, ...sent(50, 51, 'next')]],
    ['a code that takes the place of one that lives', [...start, ...sent(5, 6, 'next')]],
    ['a fourth message', [...start, message(70, 71), message(140, 141), message(210, 211)]],
    ['a cooldown for the first message', [message(0, 1, 'cooldown'), ...sent(2, 3, 'right')]],
    ['a refusal for the second message', [...start, message(2, 3, 'recipient')]],
  ])('rejects %s', (_, calls) => {
    expect(findContradiction(calls, managerModel)).toEqual(contradiction)
  })

  it('rejects what came too early or too late, where that is certain', () => {
    const near = (end: number) => [message(0, 5), message(10, end)]
    expect(findUntimely(near(cooldownMs - 2))).toMatch(/two messages within/)
    expect(findUntimely(near(cooldownMs))).toBeNull()
    const waiting = (start: number) => [message(0, 5), message(start, 1_000, 'cooldown')]
    expect(findUntimely(waiting(cooldownMs + 8))).toMatch(/a cooldown without a message/)
    expect(findUntimely(waiting(cooldownMs))).toBeNull()
    const known = (start: number) => [verify(0, 5, 'verified 1'), verify(start, 99_000, 'used')]
    expect(findUntimely(known(60_008))).toMatch(/used code without a success/)
    expect(findUntimely(known(60_000))).toBeNull()
    expect(findUntimely([verify(0, 1, 'used'), verify(2, 3, 'verified 1')])).toMatch(/used code/)
  })
})
