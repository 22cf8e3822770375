/**
 * The log of one key, and what charges, refunds and windows do with it. Databases whose functions
 * cannot do this keep the log as text; PostgreSQL does the same in the functions of its schema.
 *
 * Every unit ever charged to a key has a number, so a charge is a range of numbers: it can be found
 * and taken back once, even after it was merged with its neighbours.
 */
export interface ChargeLog {
  /** Oldest first. */
  readonly entries: readonly Entry[]
  /** The number of the next unit. Numbers are never used again, or a refund could hit another. */
  readonly nextUnit: number
  /** The longest window that looked at this log: what is older counts nowhere. */
  readonly keptMs: number
}

/** One charge, or several: those of one instant, or neighbours merged into one. */
export interface Entry {
  /** When it was made; of several, the latest, so that none stops counting too soon. */
  readonly at: number
  /** The numbers of its units, from the first to the last. */
  readonly first: number
  readonly last: number
  /** Units of each charge in it; 1 where charges of different costs were merged. */
  readonly cost: number
}

/** A window as a limit describes it. */
export interface Window {
  readonly max: number
  readonly windowMs: number
}

/** What a window says of a charge of some cost. */
export interface WindowCount {
  /** Units in the window before the charge. */
  readonly used: number
  /** Milliseconds until the charge has room, 0 when it has. */
  readonly waitMs: number
  /** Milliseconds until the same charge would have room again once this one is made. */
  readonly nextWaitMs: number
}

/** A range of units: the first, and how many. */
export interface Units {
  readonly first: number
  readonly cost: number
}

// Up to this `max` windows are exact. Beyond it they may count a charge 1/32 of their length longer.
const exactUnits = 128
const slotsPerWindow = 32
/** Entries are merged once there are so many, and whenever there are so many more. */
export const mergedEvery = 16

/**
 * Counts what stands in the window, and how long a charge of this cost has to wait. `needed` is the
 * room that it must find, where that is more than it takes.
 */
export function countWindow(
  log: ChargeLog,
  window: Window,
  cost: number,
  now: number,
  needed = cost,
): WindowCount {
  const { max, windowMs } = window
  const present = notBefore(log, now)
  const room = max - needed
  const nextRoom = max - cost - Math.max(cost, 1)
  let used = 0
  let waitMs = room < 0 ? windowMs : 0
  let nextWaitMs = nextRoom < 0 ? windowMs : 0
  for (let index = log.entries.length - 1; index >= 0; index -= 1) {
    const entry = log.entries[index]
    if (entry === undefined || present - entry.at >= windowMs) break
    used += entry.last - entry.first + 1
    // By the clock as it is: set back, it lengthens the wait by as much.
    const leavesInMs = entry.at + windowMs - now
    if (used > room) waitMs = Math.max(waitMs, leavesInMs)
    if (used > nextRoom) nextWaitMs = Math.max(nextWaitMs, leavesInMs)
  }
  return { used, waitMs, nextWaitMs }
}

/** The log with a charge more, and without what has aged out. */
export function charged(
  log: ChargeLog,
  windows: readonly Window[],
  cost: number,
  now: number,
): ChargeLog {
  const at = notBefore(log, now)
  const alive = log.entries.filter((entry) => at - entry.at < log.keptMs)
  const longestMs = Math.max(...windows.map(({ windowMs }) => windowMs))
  const keptMs = alive.length === 0 ? longestMs : Math.max(longestMs, log.keptMs)
  const first = log.nextUnit
  const nextUnit = first + cost
  const newest = alive.at(-1)
  // As many as share an instant are one entry, which says no less of them.
  const shared = newest?.at === at && newest.cost === cost && newest.last + 1 === first
  const entries = shared
    ? [...alive.slice(0, -1), { ...newest, last: nextUnit - 1 }]
    : [...alive, { at, first, last: nextUnit - 1, cost }]
  const isDue = entries.length % mergedEvery === 0
  return { entries: isDue ? merged(entries, windows, keptMs) : entries, nextUnit, keptMs }
}

/** The log without these units, or the very same log where none of them stands in it. */
export function refunded(log: ChargeLog, charges: readonly Units[]): ChargeLog {
  let { entries } = log
  for (const { first, cost } of charges) {
    const last = first + cost - 1
    const index = entries.findIndex((entry) => entry.first <= first && last <= entry.last)
    const entry = entries[index]
    if (entry === undefined) continue
    const older = { ...entry, last: first - 1 }
    const newer = { ...entry, first: last + 1 }
    const rest = [older, newer].filter((part) => part.first <= part.last)
    entries = [...entries.slice(0, index), ...rest, ...entries.slice(index + 1)]
  }
  return entries === log.entries ? log : { ...log, entries }
}

/** The log without its newest charges, or the very same log where there are none to forget. */
export function cleared(log: ChargeLog, newest: number): ChargeLog {
  if (newest <= 0) return log
  const entries = [...log.entries]
  let left = newest
  while (left > 0) {
    const entry = entries.pop()
    if (entry === undefined) break
    const charges = (entry.last - entry.first + 1) / entry.cost
    if (charges > left) entries.push({ ...entry, last: entry.last - left * entry.cost })
    left -= charges
  }
  return { ...log, entries }
}

/**
 * When the row may go. It is rounded up to an eighth of the longest window: the column is indexed,
 * and an update that leaves it as it is costs the database far less.
 */
export function expiry({ entries, keptMs }: ChargeLog): number {
  const grainMs = Math.max(1, Math.floor(keptMs / 8))
  const newest = entries.at(-1)?.at ?? 0
  return (Math.floor((newest + keptMs) / grainMs) + 1) * grainMs
}

/** As text: instants and numbers as differences, which are short. */
export function encodeEntries(entries: readonly Entry[]): string {
  let [at, unit] = [0, 0]
  const numbers = entries.map((entry) => {
    const text = [entry.at - at, entry.first - unit, entry.last - entry.first, entry.cost].join()
    at = entry.at
    unit = entry.last
    return text
  })
  return numbers.join(';')
}

/** The reverse of `encodeEntries`. Throws when the text was not made by it. */
export function decodeEntries(text: string): Entry[] {
  if (text === '') return []
  let [at, unit] = [0, 0]
  return text.split(';').map((part) => {
    const numbers = part.split(',').map(Number)
    const [later = Number.NaN, gap = Number.NaN, length = Number.NaN, cost = Number.NaN] = numbers
    const entry = { at: at + later, first: unit + gap, last: unit + gap + length, cost }
    if (!Object.values(entry).every(Number.isSafeInteger)) {
      throw new Error('a row of the charges table does not hold a log')
    }
    at = entry.at
    unit = entry.last
    return entry
  })
}

// The clock of a database may be set back. Time on one log never is, so windows stay whole.
function notBefore(log: ChargeLog, now: number): number {
  return Math.max(now, log.entries.at(-1)?.at ?? now)
}

/**
 * Merges neighbours in front of the newest 128 units. The instants of what is merged lie in one
 * slot, no longer than 1/32 of any large window that still holds it; slots are powers of two, so
 * the slots of a longer window hold those of a shorter one whole. A window of at most 128 never
 * depends on them: once it reaches that far back it is full.
 */
function merged(
  entries: readonly Entry[],
  windows: readonly Window[],
  keptMs: number,
): readonly Entry[] {
  const newest = entries.at(-1)
  const exactFrom = firstExact(entries)
  if (newest === undefined || exactFrom < 2) return entries
  const largeMs = windows.filter(({ max }) => max > exactUnits).map(({ windowMs }) => windowMs)
  const result: Entry[] = []
  for (const entry of entries.slice(0, exactFrom)) {
    const older = result.at(-1)
    const ageMs = newest.at - entry.at
    const shortestMs = Math.min(keptMs, ...largeMs.filter((windowMs) => windowMs > ageMs))
    const slotMs = slotLength(shortestMs)
    const together =
      older !== undefined &&
      older.last + 1 === entry.first &&
      Math.floor(older.at / slotMs) === Math.floor(entry.at / slotMs)
    if (together) {
      result[result.length - 1] = {
        at: entry.at,
        first: older.first,
        last: entry.last,
        cost: older.cost === entry.cost ? entry.cost : 1,
      }
    } else {
      result.push(entry)
    }
  }
  return [...result, ...entries.slice(exactFrom)]
}

/** Where the entries begin that the newest 128 units are made of. */
function firstExact(entries: readonly Entry[]): number {
  let units = 0
  let index = entries.length
  while (index > 0 && units < exactUnits) {
    index -= 1
    const entry = entries[index]
    if (entry !== undefined) units += entry.last - entry.first + 1
  }
  return index
}

function slotLength(windowMs: number): number {
  let slotMs = 1
  while (slotMs * 2 * slotsPerWindow <= windowMs) slotMs *= 2
  return slotMs
}
