/** How many characters at the end of a challenge's id are those of its recipient's keys. */
const tagLength = 22

// All that is about one subject is one record, and so in one slot of a cluster: a recipient's
// challenges and the logs about it, or the logs of an address.

/** Whom a limiter key is about: all but the first character, which is its kind. */
export function subjectOf(key: string): string {
  return key.length > 1 ? key.slice(1) : key
}

/** What the log of a limiter key is called in its subject's record. */
export function logName(key: string): string {
  return key.length > 1 ? key.charAt(0) : ''
}

/** Whom a challenge is about. */
export function subjectOfId(id: string): string {
  return id.slice(-tagLength)
}

/** What a challenge is called in its subject's record: unlike any log. */
export function challengeName(id: string): string {
  return ` ${id.slice(0, -tagLength)}`
}
