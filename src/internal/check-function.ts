import { wrongOption } from './wrong-option'

/** Checks an option that is a function, if it is given. */
export function checkFunction(factory: string, option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw wrongOption(factory, option, 'must be a function')
  }
}

/** Checks an option that is a switch, if it is given: `'false'` would switch it on. */
export function checkSwitch(factory: string, option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw wrongOption(factory, option, 'must be true or false')
  }
}

/**
 * The option `clock`, if it is given, as one that throws where it tells no time: by no time nothing
 * would ever be fresh, over or in a window.
 */
export function checkClock(
  factory: string,
  clock: (() => number) | undefined,
): (() => number) | undefined {
  checkFunction(factory, 'clock', clock)
  if (clock === undefined) return undefined
  return () => {
    const now: unknown = clock()
    if (typeof now === 'number' && Number.isFinite(now)) return now
    throw wrongOption(factory, 'clock', 'must return milliseconds')
  }
}
