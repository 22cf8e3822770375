import { expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { startProviders } from './misbehaving-providers'
import { asAdmin, startBackend } from './start-backend'

const purpose = 'operator_registration'

it.each(frameworks)('support reads why no code came, on %s', async (_name, framework) => {
  const providers = await startProviders()
  const { deliveries, receipts } = providers
  const otp = { deliveries, countries: ['IN', 'BD'] as const }
  const { send, post, clock, history } = await startBackend(framework, { otp, receipts })
  const refused = { contact: '+8801712312345', contact_type: 'sms' } as const
  const failed = { contact: '+919876543210', contact_type: 'sms' } as const
  const why = (body: object) => post('/admin/why-no-code', { purpose, ...body }, asAdmin)

  expect((await send(refused)).status).toBe(503)
  expect((await send(failed)).status).toBe(200)
  const [path, body, headers] = providers.post(providers.messageTo(failed.contact), {
    status: 'failed',
  })
  expect((await post(path, body, { ...headers, 'X-Twilio-Signature': 'forged' })).status).toBe(403)
  expect((await post(path, body, headers)).status).toBe(200)
  expect((await send(failed)).status).toBe(429)

  const at = new Date(clock.now()).toISOString()
  expect((await why(refused)).body).toMatchObject({
    data: {
      recipient: expect.not.stringContaining('12345'),
      events: [
        { at, type: 'unsent', kind: 'misconfigured' },
        { at, type: 'delivery_failed', provider: 'twilio', providerCode: '21408' },
      ],
      next: { carried_by: ['twilio'], locked: false, refused_by: [] },
    },
  })
  const answer = await why(failed)
  expect(answer.text).not.toContain(failed.contact.slice(3))
  expect(answer.body).toMatchObject({
    data: {
      events: expect.arrayContaining([
        expect.objectContaining({ at, type: 'sent', delivery: 'accepted' }),
        expect.objectContaining({ at, type: 'receipt', status: 'failed', providerCode: '30003' }),
        expect.objectContaining({ at, type: 'refused', limit: 'cooldown' }),
      ]),
      next: { refused_by: [{ limit: 'cooldown', max: 1, used: 1, retry_after_seconds: 30 }] },
    },
  })
  // Asking changed nothing, and what came after noon is left out.
  expect(await why(failed)).toMatchObject({ text: expect.stringContaining('"events"') })
  expect(await history.events()).toHaveLength(5)
  expect((await why({ ...failed, before: at })).body).toMatchObject({ data: { events: [] } })
  expect((await why({ ...failed, before: 'noon' })).status).toBe(400)
  expect((await why({ contact: '+1', contact_type: 'sms' })).status).toBe(400)
  expect((await why({ contact: '+12025550123', contact_type: 'sms' })).status).toBe(400)
})
