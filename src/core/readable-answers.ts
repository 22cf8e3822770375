// What a place must answer, as far as a request hangs on it. Of an answer that is something else
// nobody knows what was charged, so it is a fault and never "nothing there".

export function isTaken(answer: unknown): boolean {
  const ok = memberOf(answer, 'ok')
  const isRefusal = ok === false && typeof memberOf(answer, 'index') === 'number'
  return Array.isArray(memberOf(answer, 'used')) && (ok === true || isRefusal)
}

export function isBegun(answer: unknown): boolean {
  const taken = memberOf(answer, 'taken')
  if (!isTaken(taken) || memberOf(taken, 'ok') === false) return isTaken(taken)
  return typeof memberOf(answer, 'put') === 'boolean' && isStored(memberOf(answer, 'standing'))
}

export function isSettled(answer: unknown): boolean {
  const taken = memberOf(answer, 'taken')
  if (!isTaken(taken) || memberOf(taken, 'ok') === false) return isTaken(taken)
  return isOutcome(memberOf(answer, 'attempt'))
}

export function isStored(answer: unknown): boolean {
  return answer === null || typeof memberOf(answer, 'attemptsLeft') === 'number'
}

export function isOutcome(answer: unknown): boolean {
  return typeof memberOf(answer, 'outcome') === 'string'
}

/** Of what answers nothing. */
export const isAnything = (): boolean => true

// Somebody's rows may be objects of a class.
function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
