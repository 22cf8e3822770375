import { describe, expect, it } from 'vitest'
import { createAwsClient } from '../../../src/internal/providers/aws'
import vectors from '../../data/sigv4-vectors.json'
import { signatureOf, signerAtVectorTime } from '../../deliveries/aws-signer'

describe('Signature Version 4', () => {
  // The client sends no header beside the content type, so it has no use for `x-amz-target`.
  const cases = vectors.cases.filter(({ headers }) => !('x-amz-target' in headers))

  it.each(cases)('$service in $region: $body', async (vector) => {
    let request: Request | undefined
    const [host = ''] = vector.host.split('.')
    const service = { provider: 'aws', service: vector.service, host }
    const client = createAwsClient('awsSms', service, {
      signer: signerAtVectorTime(vector.sessionToken),
      region: vector.region,
      fetch: async (url, init) => {
        request = new Request(String(url), init)
        return new Response('')
      },
    })
    await client.post({
      path: vector.path,
      contentType: vector.headers['content-type'],
      body: vector.body,
    })
    expect(request?.url).toBe(`https://${vector.host}${vector.path}`)
    expect(await request?.text()).toBe(vector.body)
    expect(request?.headers.get('x-amz-date')).toBe(vectors.amzDate)
    expect(request?.headers.get('x-amz-security-token')).toBe(vector.sessionToken ?? null)
    expect(signatureOf(request?.headers.get('authorization') ?? '')).toBe(vector.signature)
  })

  it.each(vectors.cases)('the signer agrees: $service in $region', async (vector) => {
    const { headers } = await signerAtVectorTime(vector.sessionToken).sign(
      `https://${vector.host}${vector.path}`,
      {
        method: 'POST',
        headers: Object.fromEntries(Object.entries(vector.headers)),
        body: vector.body,
        aws: { service: vector.service, region: vector.region, allHeaders: true },
      },
    )
    expect(signatureOf(headers.get('authorization') ?? '')).toBe(vector.signature)
  })
})
