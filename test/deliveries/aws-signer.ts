import { AwsClient } from 'aws4fetch'
import type { AwsSigner } from '../../src/internal/providers/aws'
import vectors from '../data/sigv4-vectors.json'

export const awsCredentials = {
  accessKeyId: vectors.accessKeyId,
  secretAccessKey: vectors.secretAccessKey,
}

/** A signer that signs at the instant of the vectors. */
export function signerAtVectorTime(sessionToken?: string): AwsSigner {
  const client = new AwsClient({
    ...awsCredentials,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  })
  return {
    sign: (url, init) =>
      client.sign(url, { ...init, aws: { ...init.aws, datetime: vectors.amzDate } }),
  }
}

/** What an `Authorization` header says of itself. */
export function signatureOf(authorization: string | undefined): string | undefined {
  return /Signature=([0-9a-f]{64})$/.exec(authorization ?? '')?.[1]
}
