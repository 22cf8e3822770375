/** How many characters at the end of a challenge's id are those of its recipient's keys. */
const tagLength = 22

// Where braces stand, only what is between them chooses the slot of a cluster. So a recipient's
// challenges and the record of the logs about it meet in one slot, and what is about another may be
// elsewhere.

/** The name of a subject's record. */
export function recordKey(subject: string): string {
  return `{${subject}}`
}

/** The name of a challenge: its id, the recipient's part of it in braces. */
export function challengeKey(id: string): string {
  return `${id.slice(0, -tagLength)}:{${subjectOfId(id)}}`
}

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
