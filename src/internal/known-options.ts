import { nearest } from './near'
import { wrongOption } from './wrong-option'

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
  const path = within === '' ? '' : `${within}.`
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongOption(factory, whole, 'must be an object')
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue
    const meant = nearest(name, Object.keys(names))
    const hint =
      meant === undefined ? 'is not known' : `is not known: did you mean \`${path}${meant}\`?`
    // What does not look like a name could be a value, put in its place by mistake.
    const isName = /^[A-Za-z]\w{0,39}$/.test(name) && !/\d{4}/.test(name)
    throw wrongOption(factory, isName ? path + name : whole, hint)
  }
  return options
}
