import { DeliveryError } from '../../errors'
import type { OptionNames } from '../known-options'
import { wrongOption } from '../wrong-option'
import {
  createHttpClient,
  type HttpClient,
  type HttpOptions,
  type HttpRequest,
  httpOptionNames,
} from './http'

/** What signs requests to AWS (Signature Version 4): an `AwsClient` of aws4fetch, or the like. */
export interface AwsSigner {
  sign(
    url: string,
    init: {
      method: 'POST'
      headers: Record<string, string>
      body: string
      aws: { service: string; region: string; allHeaders: true }
    },
  ): Promise<{ readonly headers: Headers }>
}

/** What every delivery through AWS takes. */
export interface AwsOptions extends HttpOptions {
  /**
   * `new AwsClient({ accessKeyId, secretAccessKey, sessionToken })` of aws4fetch. With temporary
   * credentials, give an object whose `sign` makes such a client from the current ones.
   */
  readonly signer: AwsSigner
  /** A region of AWS, such as `eu-west-1`. */
  readonly region: string
}

/** For `knownOptions`. */
export const awsOptionNames: OptionNames<AwsOptions> = {
  ...httpOptionNames,
  signer: true,
  region: true,
}

/** The calls of one delivery to one service of AWS, each of them signed. */
export interface AwsClient extends Pick<HttpClient, 'failure'> {
  post(
    request: { readonly contentType: string; readonly body: string } & Pick<
      HttpRequest,
      'path' | 'signal'
    >,
  ): ReturnType<HttpClient['post']>
}

/** One service of AWS. */
export interface AwsService {
  /** The name in results and errors. */
  readonly provider: string
  /** The name in the signature. */
  readonly service: string
  /** The first label of the host, before the region. */
  readonly host: string
}

/** A client for one service. */
export function createAwsClient(
  factory: string,
  { provider, service, host }: AwsService,
  options: AwsOptions,
): AwsClient {
  const { signer, region } = options
  if (typeof signer?.sign !== 'function') {
    throw wrongOption(factory, 'signer', 'must have a method sign, like an AwsClient of aws4fetch')
  }
  if (typeof region !== 'string' || !/^[a-z]+(-[a-z]+)+-\d+$/.test(region)) {
    throw wrongOption(factory, 'region', 'must be a region of AWS, such as eu-west-1')
  }
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const client = createHttpClient(factory, provider, `https://${host}.${region}.${domain}`, options)

  return {
    failure: client.failure,

    post: async ({ path, contentType, body, signal }) => {
      const headers: Record<string, string> = { 'content-type': contentType }
      try {
        const signed = await signer.sign(`${client.baseUrl}${path}`, {
          method: 'POST',
          headers: { ...headers },
          body,
          aws: { service, region, allHeaders: true },
        })
        signed.headers.forEach((value, name) => {
          headers[name] = value
        })
      } catch {
        // There are no credentials to sign with; the signer's error could quote them.
        throw new DeliveryError({ kind: 'misconfigured', sent: 'no', provider })
      }
      return client.post({ path, headers, body, signal })
    },
  }
}
