import { randomBelow } from './random'

const longestPauseMs = 100

/**
 * Runs a transaction again after a failure that has rolled it back as a whole, up to `retries`
 * times; it is told how often it has failed. Any other failure is thrown: after a lost connection
 * nobody knows what was done.
 */
export async function retrying<Result>(
  retries: number,
  rolledBack: (error: unknown) => boolean,
  run: (failures: number) => Promise<Result>,
): Promise<Result> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await run(failures)
    } catch (error) {
      if (failures === retries || !rolledBack(error)) throw error
    }
    // Random, so that those who met do not meet again.
    await pause(randomBelow(Math.min(longestPauseMs, 2 ** failures)))
  }
}

/** A member of an error, such as its `code`. */
export function errorMember(error: unknown, member: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, member) : undefined
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
