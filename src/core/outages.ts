import { isWithin } from '../internal/is-within'

/** What the answer of a step says of a country. */
export interface CountryReading {
  /** Messages of the last ten minutes, and those of them that verified. */
  readonly sent: number
  readonly verified: number
  /** The same of 24 hours. */
  readonly sentInDay: number
  readonly verifiedInDay: number
}

/** What one process remembers of the countries it sends to. */
export interface Outages {
  /** Whether next to none of the messages to this country arrives. */
  isOut(country: string): boolean
  /** Takes in what a step has said. Says whether it is time to tell of an outage. */
  read(country: string, reading: CountryReading): boolean
  /** Takes in that a country's level suspected a message, which is then in no log. */
  suspected(country: string): void
}

/** So many verifications must be missing: where 20 are expected, 4 or fewer come once in 60,000 times. */
const leastExpected = 20
const mostPart = 0.2
/** Days have hours in which three times the mean is sent, and people without a code ask again. */
const mostRise = 5

const windowMs = 600_000
const windowsInDay = 144

interface Memory {
  isOut: boolean
  /** When a step said so. */
  readAt: number
  toldAt: number
  /** When the window began in which `count` messages were suspected, after `before` in the last. */
  since: number
  count: number
  before: number
}

/**
 * Tells an outage from an attack. In both the messages of the last minutes are not verified. But in an
 * outage people ask as often as ever, and next to nobody verifies; an attack comes on top of people who
 * go on to verify, or, once the country's level refuses, asks for far more than ever.
 *
 * Who drowns everybody else at the usual rate would look like an outage: then the levels of the
 * country wait, while blocks, addresses, growth and money still hold.
 *
 * It is decided in this process from what its own steps read, so nothing is stored for it; processes
 * that read the same come to the same, each at its own next message.
 */
export function createOutages(clock: () => number): Outages {
  // As many as there are countries.
  const memories = new Map<string, Memory>()

  function memoryOf(country: string): Memory {
    const now = clock()
    const found = memories.get(country)
    const toldAt = Number.NEGATIVE_INFINITY
    const fresh = { isOut: false, readAt: now, toldAt, since: now, count: 0, before: 0 }
    const memory = found ?? fresh
    memories.set(country, memory)
    if (!isWithin(windowMs, memory.since, now)) {
      memory.before = isWithin(2 * windowMs, memory.since, now) ? memory.count : 0
      memory.count = 0
      memory.since = now
    }
    return memory
  }

  return {
    isOut: (country) => {
      const memory = memories.get(country)
      // What was read before is no reason to wait: nobody has asked since.
      return memory?.isOut === true && isWithin(windowMs, memory.readAt, clock())
    },

    read: (country, { sent, verified, sentInDay, verifiedInDay }) => {
      const known = memories.get(country)
      // Of a day without messages it is no number, or more than anything: neither is an outage.
      const expected = (sent * verifiedInDay) / sentInDay
      const isSilent = expected >= leastExpected && verified <= expected * mostPart
      if (!isSilent) {
        if (known !== undefined) known.isOut = false
        return false
      }
      const memory = memoryOf(country)
      const asked = sent + memory.count + memory.before
      memory.isOut = asked <= (mostRise * sentInDay) / windowsInDay
      const now = clock()
      memory.readAt = now
      if (!memory.isOut || isWithin(windowMs, memory.toldAt, now)) return false
      memory.toldAt = now
      return true
    },

    suspected: (country) => {
      memoryOf(country).count += 1
    },
  }
}
