/** The charges of one key, oldest first. */
export interface Log {
  readonly entries: Entry[]
  /** Units of all entries, those dropped from the front included. */
  units: number
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

/** A log that holds nothing yet. */
export function emptyLog(): Log {
  return { entries: [], units: 0, longestMs: 0 }
}

/** Enters a charge under one of its windows: once, however many there are. */
export function enter(
  log: Log,
  charge: number,
  units: number,
  windowMs: number,
  now: number,
): void {
  if (log.entries.at(-1)?.charge !== charge) {
    dropAged(log, now)
    log.entries.push({ at: now, charge, units, unitsBefore: log.units })
    log.units += units
  }
  log.longestMs = Math.max(log.longestMs, windowMs)
}

/** Units of the charges younger than `windowMs`. */
export function unitsWithin(log: Log, windowMs: number, now: number): number {
  const oldest = log.entries[firstIndex(log.entries, (entry) => now - entry.at < windowMs)]
  return oldest === undefined ? 0 : log.units - oldest.unitsBefore
}

/** Milliseconds until `cost` more units fit into the window. */
export function waitFor(
  log: Log,
  { max, windowMs }: { readonly max: number; readonly windowMs: number },
  cost: number,
  now: number,
): number {
  const fits = firstIndex(log.entries, (entry) => log.units - entry.unitsBefore <= max - cost)
  const lastInTheWay = log.entries[fits - 1]
  return lastInTheWay === undefined ? 0 : Math.max(0, lastInTheWay.at + windowMs - now)
}

/** Whether nothing in the log counts in any window. */
export function isIdle(log: Log, now: number): boolean {
  const newest = log.entries.at(-1)
  return newest === undefined || now - newest.at >= log.longestMs
}

/** Takes one charge back. */
export function remove(log: Log, charge: number): void {
  const index = firstIndex(log.entries, (entry) => entry.charge >= charge)
  const entry = log.entries[index]
  if (entry?.charge !== charge) return
  log.entries.splice(index, 1)
  log.units -= entry.units
  for (const later of log.entries.slice(index)) later.unitsBefore -= entry.units
}

/** Forgets the newest charges, or all of them. */
export function forget(log: Log, newest = log.entries.length): void {
  const forgotten = log.entries.splice(Math.max(0, log.entries.length - newest))
  log.units = forgotten[0]?.unitsBefore ?? log.units
}

// Only once half of the log has aged, so that each charge is moved at most once on average.
function dropAged(log: Log, now: number): void {
  const aged = firstIndex(log.entries, (entry) => now - entry.at < log.longestMs)
  if (aged * 2 > log.entries.length) log.entries.splice(0, aged)
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
