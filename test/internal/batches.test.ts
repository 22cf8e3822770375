import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Batching, batching } from '../../src/internal/batches'

/** A call is a letter for its subject and a number. */
type Call = string

interface Round {
  readonly calls: readonly Call[]
  answer(): Promise<void>
  fail(error: unknown): Promise<void>
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await null
}

/** A line whose round trips are answered by hand. */
function openLine(options: Partial<Batching<Call, string>> = {}) {
  const rounds: Round[] = []
  const roundOf = (calls: readonly Call[]) =>
    new Promise<readonly string[]>((resolve, reject) => {
      rounds.push({
        calls,
        answer: () => {
          resolve(calls.map((call) => call.toUpperCase()))
          return settled()
        },
        fail: (error) => {
          reject(error)
          return settled()
        },
      })
    })
  const results: string[] = []
  const call = batching<Call, string>({
    most: 4,
    atOnce: 2,
    subjectOf: (of) => of.charAt(0),
    one: async (of) => (await roundOf([of]))[0] ?? '',
    many: roundOf,
    isUndone: (error) => error === 'undone',
    ...options,
  })
  const ask = async (...calls: Call[]) => {
    for (const of of calls) {
      call(of).then(
        (answer) => results.push(answer),
        (error) => results.push(`${of}: ${error instanceof Error ? error.message : error}`),
      )
    }
    await settled()
  }
  return { rounds, results, ask, sent: () => rounds.map(({ calls }) => calls.join(' ')) }
}

describe('calls on workerd', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('go by themselves, so that none waits for a request of another caller', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    const { ask, sent, rounds, results } = openLine({ atOnce: 1 })
    await ask('a1', 'a2', 'b1')
    await ask('c1')
    expect(sent()).toEqual(['a1', 'a2', 'b1', 'c1'])
    await rounds[3]?.answer()
    expect(results).toEqual(['C1'])
  })
})

describe('calls', () => {
  it('go at once and alone while the line is idle', async () => {
    const { ask, sent, rounds, results } = openLine()
    await ask('a1')
    expect(sent()).toEqual(['a1'])
    await rounds[0]?.answer()
    expect(results).toEqual(['A1'])
    await ask('a2')
    expect(sent()).toEqual(['a1', 'a2'])
  })

  it('of one moment share a round trip, up to the most, and the rest goes with the next answer', async () => {
    const { ask, sent, rounds, results } = openLine()
    await ask('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j')
    expect(sent()).toEqual(['a b c d', 'e f g h'])
    await rounds[1]?.answer()
    expect(results).toEqual(['E', 'F', 'G', 'H'])
    expect(sent()).toEqual(['a b c d', 'e f g h', 'i j'])
    await rounds[0]?.answer()
    await rounds[2]?.answer()
    expect(results.join('')).toBe('EFGHABCDIJ')
    await ask('k')
    expect(sent().at(-1)).toBe('k')
  })

  it('of a subject that is under way wait for it, and nobody waits for them', async () => {
    const { ask, sent, rounds, results } = openLine()
    await ask('a1', 'b1', 'a2')
    expect(sent()).toEqual(['a1 b1 a2'])
    await ask('a3', 'c1', 'a4')
    expect(sent()).toEqual(['a1 b1 a2', 'c1'])
    await rounds[1]?.answer()
    expect(sent().length).toBe(2)
    await ask('d1')
    expect(sent().at(-1)).toBe('d1')
    await rounds[0]?.answer()
    expect(sent().at(-1)).toBe('a3 a4')
    await rounds[3]?.answer()
    expect(results.filter((answer) => answer.startsWith('A'))).toEqual(['A1', 'A2', 'A3', 'A4'])
  })

  it('are made one by one after a batch that left nothing behind, and one fails alone', async () => {
    const { ask, sent, rounds, results } = openLine()
    await ask('a1', 'b1', 'a2', 'c1')
    await rounds[0]?.fail('undone')
    expect(sent()).toEqual(['a1 b1 a2 c1', 'a1', 'b1', 'c1'])
    await rounds[2]?.fail('undone')
    await rounds[3]?.answer()
    expect(results).toEqual(['b1: undone', 'C1'])
    // In the order of their subject, which is under way until then.
    await ask('a3')
    expect(sent().length).toBe(4)
    await rounds[1]?.answer()
    expect(sent().at(-1)).toBe('a2')
    await rounds[4]?.answer()
    expect(sent().at(-1)).toBe('a3')
    expect(results).toEqual(['b1: undone', 'C1', 'A1', 'A2'])
  })

  it('all fail with a batch of which nobody knows what it did, and are made no second time', async () => {
    const { ask, sent, rounds, results } = openLine()
    await ask('a', 'b')
    await rounds[0]?.fail('lost')
    expect(results).toEqual(['a: lost', 'b: lost'])
    expect(sent()).toEqual(['a b'])
    await ask('a')
    expect(sent()).toEqual(['a b', 'a'])
    await rounds[1]?.fail('lost')
    expect(results.at(-1)).toBe('a: lost')
    expect(sent().length).toBe(2)
  })

  it('all fail with a batch that was answered with too little', async () => {
    const { ask, results } = openLine({ many: async () => ['A'] })
    await ask('a', 'b')
    expect(results).toEqual([
      'a: a batch has another number of answers',
      'b: a batch has another number of answers',
    ])
  })

  it('that nobody can tell the subject of fail by themselves', async () => {
    const { ask, results } = openLine({
      subjectOf: (of) => {
        if (of === 'x') throw new Error('no subject')
        return of
      },
    })
    await ask('x')
    expect(results).toEqual(['x: no subject'])
  })
})

describe('a slow batch', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('stops making others wait, but for its own subjects', async () => {
    const { ask, sent, rounds } = openLine()
    await ask('a1', 'b1')
    await ask('c1')
    await ask('d1', 'a2')
    expect(sent()).toEqual(['a1 b1', 'c1'])
    await vi.advanceTimersByTimeAsync(49)
    expect(sent().length).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(sent().at(-1)).toBe('d1')
    await rounds[0]?.answer()
    expect(sent().at(-1)).toBe('a2')
  })

  it('is looked after by a timer only while somebody waits', async () => {
    const { ask, rounds } = openLine()
    await ask('a')
    await ask('b')
    expect(vi.getTimerCount()).toBe(0)
    await ask('c')
    expect(vi.getTimerCount()).toBe(1)
    for (const index of [0, 1, 2]) await rounds[index]?.answer()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('counts no more than once among those under way, and leaves no timer', async () => {
    const { ask, sent, rounds } = openLine({ atOnce: 1 })
    await ask('a', 'b')
    await vi.advanceTimersByTimeAsync(50)
    await ask('c')
    await ask('d', 'e')
    expect(sent()).toEqual(['a b', 'c'])
    await rounds[0]?.answer()
    expect(sent()).toEqual(['a b', 'c'])
    await rounds[1]?.answer()
    expect(sent()).toEqual(['a b', 'c', 'd e'])
    await rounds[2]?.answer()
    expect(vi.getTimerCount()).toBe(0)
  })
})
