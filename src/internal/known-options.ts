import { unknownOption, wrongOption } from './wrong-option'

/** The name of every option that a factory knows, which the compiler compares with their type. */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true }

/**
 * Checks that options are an object and hold nothing that the factory does not know, so that a
 * misspelt option is never a default in silence. Options that were left out count as an object
 * without any, of which the factory misses the first that it needs. `within` is the path of an
 * option that is itself an object.
 */
export function knownOptions<Options extends object>(
  factory: string,
  options: Options,
  names: OptionNames<Options>,
  within?: string,
): Options
export function knownOptions(
  factory: string,
  options: unknown,
  names: object,
  within = '',
): unknown {
  if (options === undefined) return {}
  const whole = within === '' ? 'options' : within
  if (!isObjectOfOptions(options)) throw wrongOption(factory, whole, 'must be an object')
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue
    throw unknownOption(factory, within === '' ? [] : within.split('.'), name, Object.keys(names))
  }
  return options
}

/** Whether it is an object that can hold options: a promise, a Map or a Date would hold none in silence. */
export function isObjectOfOptions(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const isPlain = Object.prototype.toString.call(value) === '[object Object]'
  return isPlain || Object.keys(value).length > 0
}
