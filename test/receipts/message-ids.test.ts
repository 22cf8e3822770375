import type { Receipt } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { testMessage, useProviderServer } from '../deliveries/delivery-suite'
import { emailMessage } from '../deliveries/samples'
import { publicOrigin, reportingProviders } from './providers'

const server = useProviderServer()
const ids: Readonly<Record<string, string>> = {
  whatsappCloud: 'wamid.HBgMOTE5ODc2NTQzMjEwFQIAERgSQjE=',
  sendgridEmail: '14c5d75ce93.dfd.64b469',
  kavenegarLookup: '8792343000123',
}

describe.each(Object.entries(reportingProviders))('%s', (name, provider) => {
  const { channel, taken, delivery, reader, report, hasReference } = provider
  const message = channel === 'email' ? emailMessage() : testMessage()

  it('reports under the id, the name and the reference that its answer had', async () => {
    const id = ids[name] ?? 'db3ce55a-7f1d-11e1-8ea7-1231380bc196'
    server().behave(taken(id))
    const accepted = await delivery(server().url).deliver(message)
    const sent = server().lastRequest()
    expect(accepted.messageId).toBe(id)
    for (const status of ['delivered', 'failed'] as const) {
      const request = report({ id, reference: message.reference, sent, status })
      expect(request.url).toContain(`${publicOrigin}/hooks/${provider.path}`)
      const receipts = await reader().parse(request)
      const { provider: by, messageId } = accepted
      expect(receipts).toMatchObject([{ provider: by, messageId, status }])
      const reference = hasReference ? message.reference : undefined
      expect(receipts?.map((receipt: Receipt) => receipt.reference)).toEqual([reference])
    }
  })
})

it('S77 a reference in a query that is not signed is not believed', async () => {
  const { delivery, taken, reader, report } = reportingProviders.plivoSms ?? {}
  if (!delivery || !taken || !reader || !report) throw new Error('no Plivo')
  server().behave(taken('id-1'))
  const message = testMessage()
  await delivery(server().url).deliver(message)
  const sent = server().lastRequest()
  const request = report({ id: 'id-1', reference: '', sent, status: 'delivered' })
  const other = request.url.replace(message.reference, 'x'.repeat(22))
  expect(other).not.toBe(request.url)
  expect(await reader().parse({ ...request, url: other })).toBeNull()
})
