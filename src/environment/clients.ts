import { defined } from '../internal/defined'
import type { AwsSigner } from '../internal/providers/aws'
import { checkText } from '../internal/providers/check'

/** Makes what signs requests to AWS. */
export interface AwsClients {
  /**
   * `(credentials) => new AwsClient(credentials)` with the `AwsClient` of aws4fetch, or another
   * signer; the providers `sns` and `ses` need it. The credentials are those of
   * `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
   */
  readonly createAwsSigner?: (credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }) => AwsSigner
}

type AwsCredentials = Parameters<Required<AwsClients>['createAwsSigner']>[0]

// The runtimes of AWS set these variables in every process, so they never choose a provider.
export const awsRequired = {
  region: 'AWS_REGION',
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
} as const
export const awsOptional = { sessionToken: 'AWS_SESSION_TOKEN' } as const

/** The options of a delivery over AWS: a signer in place of the credentials. */
export function withSigner<Options extends AwsCredentials>(clients: AwsClients, options: Options) {
  const { accessKeyId, secretAccessKey, sessionToken, ...others } = options
  const credentials = defined({ accessKeyId, secretAccessKey, sessionToken })
  return { ...others, signer: createSigner(clients, credentials) }
}

/** The signer of one provider. Throws a `TypeError` without what makes one. */
function createSigner(
  { createAwsSigner }: AwsClients,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
): AwsSigner {
  if (createAwsSigner === undefined) {
    throw new TypeError('AWS_ACCESS_KEY_ID needs the option createAwsSigner')
  }
  const credentials = defined({
    accessKeyId: checkText('createAwsSigner', 'accessKeyId', accessKeyId),
    secretAccessKey: checkText('createAwsSigner', 'secretAccessKey', secretAccessKey),
    sessionToken:
      sessionToken === undefined
        ? undefined
        : checkText('createAwsSigner', 'sessionToken', sessionToken),
  })
  return withoutValues('AWS_ACCESS_KEY_ID was refused by createAwsSigner', () =>
    createAwsSigner(credentials),
  )
}

/** Calls somebody else's code, whose error could quote what it was given. */
export function withoutValues<Client>(problem: string, create: () => Client): Client {
  try {
    return create()
  } catch {
    throw new TypeError(problem)
  }
}
