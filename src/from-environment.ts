import { consoleDelivery } from './deliveries/console'
import { webhook } from './deliveries/webhook'
import type { Delivery } from './delivery'
import type { AwsClients } from './environment/clients'
import { emailProviders, type SmtpClients } from './environment/email'
import { type EnvironmentSettings, readSettings, settingNames } from './environment/options'
import {
  smsProviders,
  telegramProvider,
  voiceProviders,
  whatsappProviders,
} from './environment/phone'
import {
  type ChannelVariables,
  chooseProvider,
  createProvider,
  howToConfigure,
  namesOfChannel,
  type Provider,
} from './environment/provider'
import { type Environment, findMisspellings, isSet } from './environment/variables'
import { checkFunction } from './internal/check-function'
import { knownOptions, type OptionNames } from './internal/known-options'
import { wrongOption } from './internal/wrong-option'

/** A channel that variables can configure. */
export type EnvironmentChannel = 'sms' | 'whatsapp' | 'voice' | 'email' | 'telegram'

/** What variables cannot hold. */
export interface FromEnvironmentOptions<Channel extends EnvironmentChannel = EnvironmentChannel>
  extends SmtpClients,
    AwsClients {
  /**
   * The channels that the application uses. Each of them must be configured, and the variables of
   * all others are left alone.
   *
   * @defaultValue those that are configured, whichever they are
   */
  readonly channels?: readonly Channel[]
}

/** Options of `OtpManager`, as the environment has them. What it does not say is left out. */
export interface EnvironmentOptions<Channel extends EnvironmentChannel = EnvironmentChannel>
  extends EnvironmentSettings {
  /**
   * One delivery for each of `channels`. Without that option the type has every channel, but the
   * object only those that are configured: `send` refuses the others as an unknown `channel`.
   */
  readonly deliveries: { readonly [channel in Channel]: Delivery }
}

/**
 * Turns environment variables into options of `OtpManager`. It reads what it is handed and nothing
 * else. A channel is carried by the provider that `SMS_PROVIDER`, `WHATSAPP_PROVIDER`,
 * `VOICE_PROVIDER` or `EMAIL_PROVIDER` names, or else by the one whose variables are set. With
 * nothing set for any channel codes are printed, where `NODE_ENV` is `development` or `test`.
 *
 * @throws `TypeError` that names every variable which is missing, empty, malformed, contradictory or
 * nearly spelt right, and holds no value of any.
 *
 * @example
 * ```ts
 * import nodemailer from 'nodemailer'
 * import { OtpManager } from 'otpkit'
 * import { memory } from 'otpkit/databases/memory'
 * import { fromEnvironment } from 'otpkit/from-environment'
 *
 * export const otp = new OtpManager({
 *   ...fromEnvironment(process.env, {
 *     channels: ['sms', 'email'],
 *     createTransport: nodemailer.createTransport,
 *   }),
 *   database: memory(),
 *   countries: ['IN', 'BD', 'IR'],
 *   purposes: ['login', 'operator_registration'],
 * })
 * ```
 */
export function fromEnvironment<const Channel extends EnvironmentChannel = EnvironmentChannel>(
  env: Readonly<Record<string, string | undefined>>,
  options?: FromEnvironmentOptions<Channel>,
): EnvironmentOptions<Channel>
export function fromEnvironment(
  env: Environment,
  given: FromEnvironmentOptions = {},
): EnvironmentSettings & { readonly deliveries: { [channel in EnvironmentChannel]?: Delivery } } {
  if (typeof env !== 'object' || env === null) {
    throw wrongOption(
      'fromEnvironment',
      'env',
      'must be the environment variables, such as process.env',
    )
  }
  const options = knownOptions('fromEnvironment', given, optionNames)
  checkFunction('fromEnvironment', 'createTransport', options.createTransport)
  checkFunction('fromEnvironment', 'createAwsSigner', options.createAwsSigner)
  const table = channelTable(options)
  const { channels = allChannels } = options
  if (!isChannels(channels)) {
    throw wrongOption('fromEnvironment', 'channels', `must be a list of ${allChannels.join(', ')}`)
  }

  const known = [...settingNames, ...Object.values(table).flatMap(namesOfChannel)]
  const wanted = [...settingNames, ...channels.flatMap((channel) => namesOfChannel(table[channel]))]
  const problems = new Set(findMisspellings(env, known, wanted))
  function attempt<Value>(read: () => Value): Value | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      problems.add(error.message)
      return undefined
    }
  }

  const settings = readSettings(env, attempt)
  const choices = channels.flatMap((channel) => {
    const choice = attempt(() => ({ channel, provider: chooseProvider(env, table[channel]) }))
    return choice === undefined ? [] : [choice]
  })
  const isEmpty = choices.length === channels.length && choices.every(({ provider }) => !provider)
  const mayPrint = isEmpty && isDevelopment(env)
  if (isEmpty && !mayPrint) {
    problems.add(
      'nothing is configured that sends codes, and they are printed only where NODE_ENV is ' +
        'development or test',
    )
  }
  const deliveries: { [channel in EnvironmentChannel]?: Delivery } = {}
  for (const { channel, provider } of choices) {
    const chosen = provider ?? (mayPrint && channel !== 'telegram' ? consoleProvider : undefined)
    const delivery = chosen && attempt(() => chosen.create(env))
    if (delivery !== undefined) deliveries[channel] = delivery
    const isMissed = options.channels !== undefined || (isEmpty && !mayPrint)
    if (chosen === undefined && isMissed) problems.add(howToConfigure(table[channel]))
  }

  const isWithout = (channel: EnvironmentChannel) =>
    choices.some((choice) => choice.channel === channel && choice.provider === undefined)
  const without = channels.filter(isWithout).map((channel) => table[channel])
  const others = channels.filter((channel) => !isWithout(channel)).map((channel) => table[channel])
  for (const name of leftOver(env, without, others)) {
    problems.add(`${name} is set, but no channel has a provider that reads it`)
  }

  if (settings === undefined || problems.size > 0) {
    const list = [...problems].map((problem) => `\n- ${problem}`).join('')
    throw new TypeError(`otpkit: the environment variables are wrong:${list}`)
  }
  return { ...settings, deliveries }
}

/**
 * Variables of channels that have no provider, which no other channel reads: half of what somebody meant
 * to set. Those of AWS are there in every process.
 */
function leftOver(
  env: Environment,
  without: readonly ChannelVariables[],
  others: readonly ChannelVariables[],
): readonly string[] {
  const read = new Set(others.flatMap(namesOfChannel))
  return without
    .flatMap(namesOfChannel)
    .filter((name) => isSet(env, name) && !read.has(name) && !name.startsWith('AWS_'))
}

const optionNames: OptionNames<FromEnvironmentOptions> = {
  channels: true,
  createTransport: true,
  createAwsSigner: true,
}
const allChannels: readonly EnvironmentChannel[] = ['sms', 'whatsapp', 'voice', 'email', 'telegram']

function isChannels(value: unknown): boolean {
  const known: readonly unknown[] = allChannels
  return Array.isArray(value) && value.length > 0 && value.every((name) => known.includes(name))
}

function channelTable(
  clients: SmtpClients & AwsClients,
): Readonly<Record<EnvironmentChannel, ChannelVariables>> {
  const toPhones = [webhookProvider(['phone']), consoleProvider]
  const toEmail = [webhookProvider(['email']), consoleProvider]
  return {
    sms: {
      channel: 'sms',
      selector: 'SMS_PROVIDER',
      providers: [...smsProviders(clients), ...toPhones],
    },
    whatsapp: {
      channel: 'whatsapp',
      selector: 'WHATSAPP_PROVIDER',
      providers: [...whatsappProviders, ...toPhones],
    },
    voice: {
      channel: 'voice',
      selector: 'VOICE_PROVIDER',
      providers: [...voiceProviders, ...toPhones],
    },
    email: {
      channel: 'email',
      selector: 'EMAIL_PROVIDER',
      shared: 'EMAIL_FROM',
      providers: [...emailProviders(clients), ...toEmail],
    },
    telegram: { channel: 'telegram', providers: [telegramProvider] },
  }
}

function isDevelopment(env: Environment): boolean {
  return env.NODE_ENV === 'development' || env.NODE_ENV === 'test'
}

const consoleProvider: Provider = {
  name: 'console',
  marks: [],
  account: { marks: [], unless: [] },
  needs: [],
  names: [],
  create(env) {
    if (isDevelopment(env)) return consoleDelivery()
    throw new TypeError('the console delivery needs NODE_ENV to be development or test')
  },
}

function webhookProvider(reaches: Delivery['reaches']): Provider {
  return createProvider({
    name: 'webhook',
    marks: [],
    required: { url: 'OTP_WEBHOOK_URL', secret: 'OTP_WEBHOOK_SECRET' },
    optional: {},
    create: (options) => webhook({ ...options, reaches }),
  })
}
