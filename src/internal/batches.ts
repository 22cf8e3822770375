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

interface Item<Call, Answer> {
  readonly call: Call
  readonly subject: string
  readonly answer: (answer: Answer) => void
  readonly fail: (error: unknown) => void
}

interface Batch<Item> {
  readonly since: number
  /** What may not be answered yet. */
  left: readonly Item[]
}

// A batch that waits for somebody else's lock must not make everybody wait.
const slowMs = 50

const now = Promise.resolve()

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
  type Asked = Item<Call, Answer>
  let waiting: Asked[] = []
  let isDue = false
  let timer: ReturnType<typeof setTimeout> | undefined
  /** The oldest first. Lists, which cost less than sets while one call after another is made. */
  let underWay: readonly Batch<Asked>[] = []

  return (call) =>
    new Promise((answer, fail) => {
      waiting.push({ call, subject: subjectOf(call), answer, fail })
      goSoon()
    })

  /** Behind what else is asked for at this moment. */
  function goSoon() {
    if (isDue || waiting.length === 0 || !hasRoom()) return
    isDue = true
    now.then(go)
  }

  function go() {
    isDue = false
    while (waiting.length > 0 && hasRoom()) {
      const items = nextBatch()
      if (items.length === 0) return
      run(items)
    }
  }

  /** Whether a batch may go. If not, somebody waits, and a timer sees to slow ones. */
  function hasRoom(): boolean {
    if (underWay.length < atOnce) return true
    if (timer !== undefined) return false
    const slowSince = performance.now() - slowMs
    const counted = underWay.filter(({ since }) => since > slowSince)
    const [oldest] = counted
    if (oldest === undefined || counted.length < atOnce) return true
    timer = setTimeout(letSlowOnesGo, Math.ceil(oldest.since - slowSince))
    return false
  }

  function letSlowOnesGo() {
    timer = undefined
    goSoon()
  }

  function nextBatch(): readonly Asked[] {
    if (underWay.length === 0 && waiting.length <= most) {
      const all = waiting
      waiting = []
      return all
    }
    const busy = new Set<string>()
    for (const { left } of underWay) for (const { subject } of left) busy.add(subject)
    const items: Asked[] = []
    const others: Asked[] = []
    for (const item of waiting) {
      const goes = items.length < most && !busy.has(item.subject)
      ;(goes ? items : others).push(item)
    }
    waiting = others
    return items
  }

  async function run(items: readonly Asked[]): Promise<void> {
    const batch = { since: performance.now(), left: items }
    underWay = [...underWay, batch]
    await (items.length === 1 ? eachAlone(items) : together(batch))
    underWay = underWay.filter((one) => one !== batch)
    if (underWay.length === 0) {
      clearTimeout(timer)
      timer = undefined
    }
    goSoon()
  }

  async function together(batch: Batch<Asked>): Promise<void> {
    const items = batch.left
    try {
      const answers = await many(items.map(({ call }) => call))
      if (answers.length !== items.length) throw new Error('a batch has another number of answers')
      for (const [index, answer] of answers.entries()) items[index]?.answer(answer)
    } catch (error) {
      if (isUndone(error)) return subjectsAlone(batch)
      for (const { fail } of items) fail(error)
    }
  }

  /** Subjects beside each other, so that a slow one makes only itself wait. */
  async function subjectsAlone(batch: Batch<Asked>): Promise<void> {
    const bySubject = new Map<string, Asked[]>()
    for (const item of batch.left) {
      const others = bySubject.get(item.subject)
      if (others === undefined) bySubject.set(item.subject, [item])
      else others.push(item)
    }
    const each = [...bySubject].map(async ([subject, items]) => {
      await eachAlone(items)
      batch.left = batch.left.filter((item) => item.subject !== subject)
      goSoon()
    })
    await Promise.all(each)
  }

  /** Calls of one subject. */
  async function eachAlone(items: readonly Asked[]): Promise<void> {
    for (const { call, answer, fail } of items) await one(call).then(answer, fail)
  }
}
