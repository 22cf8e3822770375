import { isWorkerd } from './workerd'

/** How calls that are under way at the same moment share a round trip. */
export interface Batching<Call, Answer> {
  /** Calls a batch. */
  readonly most: number
  /** Batches that are under way at once. */
  readonly atOnce: number
  /** Calls of one subject keep their order: they are never in two batches that are under way. */
  subjectOf(call: Call): string
  /** Makes one call. */
  one(call: Call): Promise<Answer>
  /** Makes two or more, in order, and gives an answer for each. */
  many(calls: readonly Call[]): Promise<readonly Answer[]>
  /**
   * Whether a batch that failed like this has left nothing behind, so that each of its calls can be
   * made by itself, and one that cannot be carried out fails alone. Otherwise all of them fail.
   */
  isUndone(error: unknown): boolean
}

interface Waiting<Call, Answer> {
  readonly call: Call
  readonly subject: string
  answer(answer: Answer): void
  fail(error: unknown): void
}

// A batch that waits for somebody else's lock must not make everybody wait.
const slowMs = 50

/**
 * Makes calls by themselves while nothing is under way, and in batches otherwise. Nobody waits for a
 * batch to fill: it goes with what there is, at once or with the next answer. A call whose subject
 * is under way is left for a later batch. On workerd every call goes by itself: a batch would be
 * one request's, and the others would wait for ever once that one has ended.
 */
export function batching<Call, Answer>({
  most,
  atOnce,
  subjectOf,
  one,
  many,
  isUndone,
}: Batching<Call, Answer>): (call: Call) => Promise<Answer> {
  if (isWorkerd()) return one
  type Item = Waiting<Call, Answer>
  let waiting: Item[] = []
  let underWay = 0
  let isDue = false
  const busy = new Set<string>()

  return (call) =>
    new Promise((answer, fail) => {
      waiting.push({ call, subject: subjectOf(call), answer, fail })
      goSoon()
    })

  /** Behind what else is asked for at this moment. */
  function goSoon() {
    if (isDue || waiting.length === 0 || underWay >= atOnce) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      while (underWay < atOnce) {
        const batch = nextBatch()
        if (batch.length === 0) return
        run(batch)
      }
    })
  }

  function nextBatch(): readonly Item[] {
    const batch: Item[] = []
    const others: Item[] = []
    for (const item of waiting) {
      const goes = batch.length < most && !busy.has(item.subject)
      ;(goes ? batch : others).push(item)
    }
    waiting = others
    return batch
  }

  async function run(batch: readonly Item[]): Promise<void> {
    for (const { subject } of batch) busy.add(subject)
    let isCounted = true
    const letOthersGo = () => {
      if (isCounted) underWay -= 1
      isCounted = false
      goSoon()
    }
    underWay += 1
    const timer = setTimeout(letOthersGo, slowMs)
    await (batch.length === 1 ? eachAlone(batch) : together(batch))
    clearTimeout(timer)
    letOthersGo()
  }

  async function together(batch: readonly Item[]): Promise<void> {
    try {
      const answers = await many(batch.map(({ call }) => call))
      if (answers.length !== batch.length) throw new Error('a batch has another number of answers')
      for (const [index, answer] of answers.entries()) batch[index]?.answer(answer)
    } catch (error) {
      if (isUndone(error)) return alone(batch)
      for (const { fail } of batch) fail(error)
    }
    free(batch)
  }

  /** Subjects beside each other, so that a slow one makes only itself wait. */
  async function alone(batch: readonly Item[]): Promise<void> {
    const bySubject = new Map<string, Item[]>()
    for (const item of batch) {
      const others = bySubject.get(item.subject)
      if (others === undefined) bySubject.set(item.subject, [item])
      else others.push(item)
    }
    await Promise.all([...bySubject.values()].map(eachAlone))
  }

  /** Calls of one subject. */
  async function eachAlone(items: readonly Item[]): Promise<void> {
    for (const { call, answer, fail } of items) await one(call).then(answer, fail)
    free(items)
  }

  function free(items: readonly Item[]) {
    for (const { subject } of items) busy.delete(subject)
    goSoon()
  }
}
