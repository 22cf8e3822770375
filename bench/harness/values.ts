/** Whether something is an object with named members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** A median, and the least and the most that it stands for. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function spread(numbers: readonly number[]): Spread {
  return { median: median(numbers), least: Math.min(...numbers), most: Math.max(...numbers) }
}

/** The text of an error, short enough for a table. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0]?.slice(0, 160) ?? ''
}

const start = performance.now()

/** Prints a line of progress with the time since the start. */
export function progress(text: string): void {
  const seconds = Math.round((performance.now() - start) / 1000)
  const minutes = String(Math.floor(seconds / 60)).padStart(2, '0')
  console.log(`${minutes}:${String(seconds % 60).padStart(2, '0')}  ${text}`)
}
