/** The charges of one key. The newest stands in the log itself, since most logs hold no other. */
export interface Log {
  at: number
  charge: number
  units: number
  /** Earlier charges, oldest first. */
  older: Entry[] | null
  /** The longest window ever charged here: what is older counts nowhere. */
  longestMs: number
}

interface Entry {
  readonly at: number
  readonly charge: number
  readonly units: number
  /** Units of the log in front of this entry, so that any window is one subtraction. */
  unitsBefore: number
}

/** A log with its first charge. */
export function startLog(charge: number, units: number, windowMs: number, now: number): Log {
  return { at: now, charge, units, older: null, longestMs: windowMs }
}

/** Enters a charge under one of its windows: once, however many there are. */
export function enter(
  log: Log,
  charge: number,
  units: number,
  windowMs: number,
  now: number,
): void {
  log.longestMs = Math.max(log.longestMs, windowMs)
  if (log.charge === charge) return
  const { older } = log
  if (older !== null) dropAged(log, older, now)
  const unitsBefore = older === null ? 0 : unitsOf(older)
  const entry = { at: log.at, charge: log.charge, units: log.units, unitsBefore }
  // Most logs come to two charges at most, and a list that is pushed to has room for 17.
  if (older === null) log.older = [entry]
  else older.push(entry)
  log.at = now
  log.charge = charge
  log.units = units
}

/** Units of the charges younger than `windowMs`. */
export function unitsWithin(log: Log, windowMs: number, now: number): number {
  if (now - log.at >= windowMs) return 0
  const { older, units } = log
  return older === null ? units : units + unitsAmong(older, windowMs, now)
}

// By itself, since a closure costs an object in whatever function it stands in, needed or not.
function unitsAmong(older: readonly Entry[], windowMs: number, now: number): number {
  const oldest = older[firstIndex(older, (entry) => now - entry.at < windowMs)]
  return oldest === undefined ? 0 : unitsOf(older) - oldest.unitsBefore
}

/** Milliseconds until the window holds no more than `most` units. */
export function waitFor(log: Log, most: number, windowMs: number, now: number): number {
  const inTheWay = newestBeyond(log, most)
  return inTheWay === undefined ? 0 : Math.max(0, inTheWay + windowMs - now)
}

/** When the newest of the charges was made with which there are more than so many units. */
function newestBeyond({ at, units, older }: Log, most: number): number | undefined {
  if (units > most) return at
  if (older === null) return undefined
  const all = units + unitsOf(older)
  const fits = firstIndex(older, (entry) => all - entry.unitsBefore <= most)
  return older[fits - 1]?.at
}

/** Whether nothing in the log counts in any window. */
export function isIdle(log: Log, now: number): boolean {
  return now - log.at >= log.longestMs
}

/** Takes one charge back. Returns whether the log holds another one. */
export function remove(log: Log, charge: number): boolean {
  if (log.charge === charge) return forget(log, 1)
  const { older } = log
  if (older === null) return true
  const index = firstIndex(older, (entry) => entry.charge >= charge)
  const entry = older[index]
  if (entry?.charge !== charge) return true
  older.splice(index, 1)
  for (const later of older.slice(index)) later.unitsBefore -= entry.units
  return true
}

/** Forgets the newest charges, or all of them. Returns whether the log holds another one. */
export function forget(log: Log, newest = Number.POSITIVE_INFINITY): boolean {
  if (newest < 1) return true
  const { older } = log
  const last = older?.[older.length - newest]
  if (older === null || last === undefined) return false
  older.length -= newest
  log.at = last.at
  log.charge = last.charge
  log.units = last.units
  return true
}

function unitsOf(entries: readonly Entry[]): number {
  const last = entries.at(-1)
  return last === undefined ? 0 : last.unitsBefore + last.units
}

// Only once half of them have aged, so that each charge is moved at most once on average.
function dropAged({ longestMs }: Log, entries: Entry[], now: number): void {
  const aged = firstIndex(entries, (entry) => now - entry.at < longestMs)
  if (aged * 2 > entries.length) entries.splice(0, aged)
}

/** Where the entries that pass begin: none of those in front of it passes. */
function firstIndex(entries: readonly Entry[], passes: (entry: Entry) => boolean): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = entries[middle]
    if (entry !== undefined && passes(entry)) high = middle
    else low = middle + 1
  }
  return low
}
