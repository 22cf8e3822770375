import type { Delivery } from '../delivery'
import {
  type Environment,
  isSet,
  nameInUse,
  namesOf,
  readText,
  type VariableName,
} from './variables'

/** One provider of one channel, and the variables that configure it. */
export interface Provider {
  /** What `SMS_PROVIDER` and its like call it. */
  readonly name: string
  /** Any of these being set means this provider, unless another one is named. */
  readonly marks: readonly string[]
  /**
   * Any of `marks` being set means this provider too, unless one of `unless` is: the account may
   * then be there for another channel.
   */
  readonly account: { readonly marks: readonly string[]; readonly unless: readonly string[] }
  /** The variables that must be set: of each entry, one. */
  readonly needs: readonly (readonly [string, ...string[]])[]
  /** Every variable that this provider reads. */
  readonly names: readonly string[]
  /** The delivery that the variables describe. Throws a `TypeError` that names a wrong one. */
  create(env: Environment): Delivery
}

type Names<Option extends string> = { readonly [option in Option]: VariableName }

/**
 * A provider whose options are read from variables. What the delivery says of an option is said of
 * its variable, so that each rule has one place.
 */
export function createProvider<Required extends string, Optional extends string>(definition: {
  readonly name: string
  /** The variables of which one being set means this provider; by default all that are required. */
  readonly marks?: readonly string[]
  /** The variables of an account that several channels share; by default none. */
  readonly account?: Provider['account']
  readonly required: Names<Required>
  readonly optional: Names<Optional>
  /** Further variables of which one must be set, of each entry. */
  readonly oneOf?: readonly (readonly [string, ...string[]])[]
  create(
    options: NoInfer<
      { readonly [option in Required]: string } & { readonly [option in Optional]?: string }
    >,
  ): Delivery
}): Provider {
  const { name, required, optional, oneOf = [] } = definition
  const variables: Readonly<Record<string, VariableName>> = { ...required, ...optional }
  const requiredNames = Object.values<VariableName>(required).map(namesOf)
  const needs = [...requiredNames, ...oneOf]

  return {
    name,
    marks: definition.marks ?? requiredNames.flat(),
    account: definition.account ?? { marks: [], unless: [] },
    needs,
    names: Object.values(variables).flatMap(namesOf),

    create(env) {
      const needed = readAll(env, required)
      const missing = needs.filter((names) => !names.some((one) => isSet(env, one)))
      if (missing.length > 0 || !isComplete(needed, required)) {
        throw new TypeError(
          `${name} needs ${missing.map((names) => describe(env, names)).join(', ')}`,
        )
      }
      const options = { ...needed, ...readAll(env, optional) }
      try {
        return definition.create(options)
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
        throw new TypeError(
          sayOfVariables(error.message, (option) => {
            const variable = Object.hasOwn(variables, option) ? variables[option] : undefined
            return variable === undefined ? undefined : nameInUse(env, variable)
          }),
        )
      }
    },
  }
}

/**
 * What a `wrongOption` says, said of the variables that its options came from. An option that came
 * from none is something else's mistake, and keeps its message.
 */
function sayOfVariables(
  message: string,
  variableOf: (option: string) => string | undefined,
): string {
  return message.replace(
    /^otpkit: \w+: option (`[\w.]+`(?: or `[\w.]+`)?)/,
    (whole, subject: string) => {
      const variables = subject.split(' or ').map((option) => variableOf(option.slice(1, -1)))
      return variables.includes(undefined) ? whole : variables.join(' or ')
    },
  )
}

/** One channel, and who can serve it. */
export interface ChannelVariables {
  readonly channel: string
  /** The variable that names a provider. */
  readonly selector?: string
  /** A variable that several of the providers need, and that means none of them. */
  readonly shared?: string
  readonly providers: readonly Provider[]
}

/** The provider that the variables mean, or `undefined` where none of them is set. */
export function chooseProvider(env: Environment, channel: ChannelVariables): Provider | undefined {
  const { selector, shared, providers } = channel
  const named = selector === undefined ? undefined : readText(env, selector)
  if (named !== undefined) {
    const found = providers.find(({ name }) => name === named)
    if (found !== undefined) return found
    throw new TypeError(
      `${selector} must be one of ${providers.map(({ name }) => name).join(', ')}`,
    )
  }
  const meant = providers.flatMap((provider) => {
    const { marks, account } = provider
    const isElsewhere = account.unless.some((name) => isSet(env, name))
    const mark = [...(isElsewhere ? [] : account.marks), ...marks].find((name) => isSet(env, name))
    return mark === undefined ? [] : [{ provider, mark }]
  })
  if (meant.length > 1) {
    const marks = meant.map(({ provider, mark }) => `${mark} (${provider.name})`).join(' and ')
    throw new TypeError(`${marks} are set: say in ${selector} which provider to use`)
  }
  if (meant.length === 0 && shared !== undefined && isSet(env, shared)) {
    throw new TypeError(`${shared} is set, but ${howToConfigure(channel)}`)
  }
  return meant[0]?.provider
}

/** What to set for a channel that has no provider. */
export function howToConfigure({ channel, selector, providers }: ChannelVariables): string {
  const ways = providers
    .filter(({ marks }) => marks.length > 0)
    .map(({ name, needs }) => `${name} (${needs.map((names) => names.join(' or ')).join(', ')})`)
  const others = selector === undefined ? '' : `; or name one in ${selector}`
  return `${channel} has no provider: set the variables of ${ways.join(' or ')}${others}`
}

/** Every variable that may speak of a channel. */
export function namesOfChannel({ selector, providers }: ChannelVariables): string[] {
  const names = providers.flatMap((provider) => provider.names)
  return selector === undefined ? names : [selector, ...names]
}

function readAll<Option extends string>(env: Environment, names: Names<Option>) {
  const found: { [option in Option]?: string } = {}
  for (const option in names) {
    const text = readText(env, names[option])
    if (text !== undefined) found[option] = text
  }
  return found
}

function isComplete<Option extends string>(
  found: { readonly [option in Option]?: string },
  names: Names<Option>,
): found is { readonly [option in Option]: string } {
  for (const option in names) if (found[option] === undefined) return false
  return true
}

function describe(env: Environment, names: readonly string[]): string {
  return names.map((name) => (env[name] === undefined ? name : `${name} (empty)`)).join(' or ')
}
