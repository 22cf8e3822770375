import { createHmac } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import nodemailer from 'nodemailer'
import { type EnvironmentChannel, fromEnvironment } from 'otpkit/from-environment'
import { expect } from 'vitest'
import { expectNoSecrets } from '../deliveries/delivery-suite'
import type { ProviderBehaviour, ProviderRequest } from '../deliveries/provider-server'

export const secret = 'Tp3v-Zk9q_Xw2m!Rb7n+Hc5d=Ls8f*Qg'
export const clients = {
  createTransport: nodemailer.createTransport,
  createAwsSigner: (credentials: ConstructorParameters<typeof AwsClient>[0]) =>
    new AwsClient(credentials),
}

type Variables = Readonly<Record<string, string>>

/** One provider of one channel, and the variables that configure it. */
export interface ProviderCase {
  readonly channel: EnvironmentChannel
  /** Names the provider, where its variables alone do not. */
  readonly chosen?: Variables
  readonly required: Variables
  readonly optional?: Variables
  /** The variable of the provider's address. */
  readonly address: string
  /** A value of the form that the delivery refuses, by variable. */
  readonly malformed?: Variables
  readonly answer: ProviderBehaviour
  /** Where the variables must have arrived. */
  readonly check: (request: ProviderRequest) => void
}

/** What HTTP Basic makes of a name and a password. */
export const basic = (name: string, password: string) => `Basic ${btoa(`${name}:${password}`)}`
/** The fields of a form. */
export const form = ({ body }: ProviderRequest) => Object.fromEntries(new URLSearchParams(body))
export const json = ({ body }: ProviderRequest): unknown => JSON.parse(body)

export const aws = {
  AWS_REGION: 'eu-north-1',
  AWS_ACCESS_KEY_ID: 'AKIACANARY',
  AWS_SECRET_ACCESS_KEY: 'canary-aws-secret-access-key',
}
export const awsOptional = { AWS_SESSION_TOKEN: 'canary-aws-session-token' }
export const webhook = {
  OTP_WEBHOOK_SECRET: `whsec_${btoa('canary-webhook-secret-of-32-byte')}`,
}

export function checkWebhook({ path, headers, body }: ProviderRequest): void {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const key = Buffer.from('canary-webhook-secret-of-32-byte')
  const signature = createHmac('sha256', key).update(signed).digest('base64')
  expect([path, headers['webhook-signature']]).toEqual(['/', `v1,${signature}`])
}

/** All the variables of a case. */
export function environmentOf(tested: ProviderCase, address: string): Record<string, string> {
  const { chosen, required, optional } = tested
  return { OTP_SECRET: secret, ...chosen, ...required, ...optional, [tested.address]: address }
}

/** Words of the library's own that are values too. */
const providerNames = new Set(['msg91', 'sns', 'ses', 'webhook', 'kavenegar'])

/**
 * What is wrong with the variables, line by line: a `TypeError` that holds none of their values, in
 * no field and no cause.
 */
export function problemsOf(
  env: Readonly<Record<string, string | undefined>>,
  channels?: readonly EnvironmentChannel[],
  makers: object = clients,
): string[] {
  let error: unknown
  try {
    fromEnvironment(env, channels === undefined ? makers : { ...makers, channels })
  } catch (thrown) {
    error = thrown
  }
  if (!(error instanceof TypeError)) throw new Error('the variables were taken')
  const values = Object.values(env).filter((value = '') => value.trim().length > 2)
  const isSecret = (value: string | undefined) => value !== undefined && !providerNames.has(value)
  expectNoSecrets(error, values.filter(isSecret).map(String))
  const [first, ...problems] = error.message.split('\n- ')
  expect(first).toBe('otpkit: the environment variables are wrong:')
  return problems
}
