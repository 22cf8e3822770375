import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { byManager, byOptions, byPosition, signer, transport } from './factory-calls'
import { createFixture } from './fixture'

/** The names that errors have for the parameters of those that take deliveries. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  byCountry: ['routes'],
  byPrefix: ['routes'],
  fallback: ['routes.0', 'routes.1'],
  withCircuitBreaker: ['delivery'],
  withRetry: ['delivery'],
  withTimeout: ['delivery', 'timeout'],
}

const optionsOf: typeof byOptions = { ...byOptions, ...byManager }
const table = { ...optionsOf, ...byPosition }

interface Factory {
  readonly file: string
  readonly name: string
  readonly create: (...args: unknown[]) => unknown
}

const files = ['deliveries', 'receipts', 'receivers', 'conversions']
  .flatMap((folder) =>
    readdirSync(`src/${folder}`).map((file) => `${folder}/${file.replace(/\.ts$/, '')}`),
  )
  .concat('http/create-handler')
const { otp } = createFixture()
const factories: Factory[] = []
for (const file of files) {
  const { href } = new URL(`../src/${file}.ts`, import.meta.url)
  for (const [name, exported] of Object.entries(await import(href))) {
    if (typeof exported !== 'function') continue
    const first = Object.hasOwn(byManager, file) ? [otp] : []
    const create = (...args: unknown[]) => Reflect.apply(exported, undefined, [...first, ...args])
    factories.push({ file, name, create })
  }
}

const canary = 'hunter 2\n'
/** No option of anything resembles it. */
const unlike = 'zzzzzzzz'
/** None of them is right for any required option. */
const wrongValues = [undefined, null, '', canary, 42, {}, [], true]

/** The error of a call, which must be one. */
function errorOf(create: () => unknown): TypeError {
  try {
    create()
  } catch (error) {
    if (error instanceof TypeError) return error
    throw error
  }
  throw new Error('the option was taken')
}

/** The option that a message names, where it names the factory and has the form of the house. */
function namedOption(message: string, factory: string): string | undefined {
  const [, name, option] = /^otpkit: (\w+): option `([\w.]+)` /.exec(message) ?? []
  return name === factory ? option : undefined
}

/** The paths of an object's members, whatever they hold. */
function paths(options: object, path = ''): string[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const own = path === '' ? key : `${path}.${key}`
    const inner: unknown = value
    const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    const isPlain = isObject && !Object.is(inner, signer)
    return isPlain && !Object.is(inner, transport) ? [own, ...paths(inner, own)] : [own]
  })
}

/** A copy of the options with another value at this path. */
function replaced(options: object, path: string, value: unknown): object {
  const [key = '', ...rest] = path.split('.')
  if (rest.length === 0) return { ...options, [key]: value }
  const inner: unknown = Reflect.get(options, key)
  if (typeof inner !== 'object' || inner === null) throw new Error(`no ${path}`)
  return { ...options, [key]: replaced(inner, rest.join('.'), value) }
}

describe('what is wrong with an option', () => {
  it('is known here for every factory that is published', () => {
    const published = factories.map(({ file, name }) => `${file} ${name}`)
    const listed = Object.entries(table).flatMap(([file, rows]) =>
      Object.keys(rows).map((name) => `${file} ${name}`),
    )
    expect(published.length).toBeGreaterThan(35)
    expect(listed.sort()).toEqual(published.sort())
  })

  it.each(factories)('$file: $name takes what is right', ({ file, name, create }) => {
    expect(() => create(...(table[file]?.[name] ?? []))).not.toThrow()
  })

  const optioned = factories.flatMap(({ file, name, create }) => {
    const [options] = optionsOf[file]?.[name] ?? []
    if (typeof options !== 'object' || options === null) return []
    return paths(options).map((path) => ({ name, path, options, create }))
  })
  it.each(optioned)('$name says of `$path`', ({ name, path, options, create }) => {
    for (const value of wrongValues) {
      const { message } = errorOf(() => create(replaced(options, path, value)))
      const option = namedOption(message, name)
      // An object that lacks its members can be told by the first of them.
      expect(option?.startsWith(path), message).toBe(true)
      expect(message).not.toContain('hunter')
    }
  })

  const placed = factories.flatMap(({ file, name, create }) => {
    const args = byPosition[file]?.[name] ?? []
    return args.map((_, position) => ({ name, position, args, create }))
  })
  it.each(placed)('$name says of its parameter $position', ({ name, position, args, create }) => {
    for (const value of [{}, canary, '']) {
      const { message } = errorOf(() => create(...args.toSpliced(position, 1, value)))
      expect(namedOption(message, name), message).toBe(parameters[name]?.[position])
      expect(message).not.toContain('hunter')
    }
  })

  const needing = factories.filter(({ file, name }) => optionsOf[file]?.[name]?.length === 1)
  it.each(needing)('$name without options misses one by name', ({ name, create }) => {
    for (const call of [() => create(), () => create(undefined), () => create({})]) {
      const { message } = errorOf(call)
      expect(namedOption(message, name), message).toBeDefined()
    }
    for (const wrong of [null, 'hunter 2', 42, []]) {
      const { message } = errorOf(() => create(wrong))
      expect(message).toBe(`otpkit: ${name}: option \`options\` must be an object`)
    }
  })

  it.each(needing)('$name takes no option that it does not know', ({ file, name, create }) => {
    const [options = {}] = optionsOf[file]?.[name] ?? []
    const known = { ...Object(options), [unlike]: 'hunter 2' }
    const { message } = errorOf(() => create(known))
    expect(message).toBe(`otpkit: ${name}: option \`${unlike}\` is not known`)
    // A value where a name should be is not repeated.
    const secret = errorOf(() => create({ ...Object(options), 'hunter 2 1234567': true }))
    expect(secret.message).toBe(`otpkit: ${name}: option \`options\` is not known`)
  })

  const quoting = needing.flatMap(({ file, name, create }) => {
    const [options] = optionsOf[file]?.[name] ?? []
    return Object.entries(Object(options))
      .filter(([option]) =>
        /^(api(Key|Secret)|auth(Key|Token|Id)|access\w*|serverToken)$/.test(option),
      )
      .flatMap(([option, value]) =>
        [`"${value}"`, `'${value}'`].map((quoted) => ({ name, option, options, quoted, create })),
      )
  })
  it.each(quoting)(
    '$name refuses `$option` in quotes, as some hosts keep them of a file',
    ({ name, option, options, quoted, create }) => {
      const { message } = errorOf(() => create({ ...Object(options), [option]: quoted }))
      expect(message).toBe(
        `otpkit: ${name}: option \`${option}\` must not stand in quotes, which would be a part of it`,
      )
    },
  )

  const spelt = needing.flatMap(({ file, name, create }) => {
    const [options] = optionsOf[file]?.[name] ?? []
    return Object.keys(Object(options))
      .filter((option) => option.length > 3)
      .map((option) => ({ name, option, options, create }))
  })
  it.each(spelt)('$name guesses who means `$option`', ({ name, option, options, create }) => {
    const misspelt = [
      option.slice(0, -1),
      `${option}s`,
      option.toUpperCase(),
      option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      option.replace(/(.)(.)$/, '$2$1'),
    ].filter((other) => other !== option && !Object.hasOwn(Object(options), other))
    for (const other of misspelt) {
      const { [option]: value, ...rest } = Object(options)
      const { message } = errorOf(() => create({ ...rest, [other]: value }))
      expect(message).toBe(
        `otpkit: ${name}: option \`${other}\` is not known: did you mean \`${option}\`?`,
      )
    }
  })

  // Optional ones, whose wrong values are refused by name, or taken where they are of no harm.
  const optional = ['baseUrl', 'timeoutMs', 'fetch', 'from', 'origin', 'apiKey', 'authToken']
  const more = ['statusCallback', 'callbackUrl', 'india', 'senderId', 'originationNumber', 'clock']
  const rest = ['messageStream', 'sender', 'type', 'tokens', 'variables', 'templateByLocale']
  const last = ['templateIdByLocale', 'contentSidByLocale', 'voiceByLocale', 'graphVersion']
  const all = [...optional, ...more, ...rest, ...last, 'toleranceMs', 'hash', 'configurationSet']
  it.each(needing)(
    '$name never fails over an option without its name',
    ({ file, name, create }) => {
      const [options = {}] = optionsOf[file]?.[name] ?? []
      for (const option of all) {
        for (const value of wrongValues) {
          try {
            create({ ...Object(options), [option]: value })
          } catch (error) {
            expect(String(error)).toMatch(/^TypeError: otpkit: \w+: option `[\w.-]+`/)
            expect(String(error)).not.toContain('hunter')
          }
        }
      }
    },
  )
})
