import { maybe, no, type PageUnderTest, refusals, unreached } from './provoked'

const phone = '+919876543210'

const graphError = (code: string) => ({
  status: 400,
  json: { error: { message: 'No.', type: 'OAuthException', code: Number(code), fbtrace_id: 'A' } },
})
const whatsapp: PageUnderTest = {
  name: 'whatsapp',
  source:
    'https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes',
  hosts: ['graph.facebook.com'],
  to: phone,
  takes: [{ json: { messaging_product: 'whatsapp', messages: [{ id: 'wamid.HBg' }] } }],
  provoked: [
    ...refusals(no('invalid_recipient'), graphError, '131026 131021 130472 131049'),
    ...refusals(no('opted_out'), graphError, '131050'),
    ...refusals(no('content_rejected'), graphError, '132001 132000 132015 100'),
    ...refusals(
      no('misconfigured'),
      (code) => ({
        status: 400,
        json: { error: { message: 'No.', code: Number(code), error_subcode: 33 } },
      }),
      '100',
    ),
    ...refusals(no('misconfigured'), graphError, '190 10 131030 131031 131037 133010'),
    ...refusals(no('insufficient_funds'), graphError, '131042'),
    ...refusals(no('rate_limited'), graphError, '130429 131048 131056 80007'),
    ...refusals(maybe('unavailable'), graphError, '2 131016 131057'),
    ...refusals(no('unknown'), graphError, '135000'),
    ...refusals(maybe('unknown'), graphError, '1 131000'),
    ...refusals(no('unknown'), graphError, '999999', { says: 'unlisted' }),
    ...unreached(),
  ],
}

const gatewayError = (error: string) => ({ json: { ok: false, error } })
const telegram: PageUnderTest = {
  name: 'telegram',
  source: 'https://core.telegram.org/gateway/api',
  hosts: ['gatewayapi.telegram.org'],
  to: phone,
  takes: [{ json: { ok: true, result: { request_id: '1234567890', request_cost: 0.01 } } }],
  provoked: [
    ...refusals(
      no('invalid_recipient'),
      gatewayError,
      'PHONE_NUMBER_NOT_FOUND PHONE_NUMBER_NOT_AVAILABLE PHONE_NUMBER_INVALID',
    ),
    ...refusals(no('content_rejected'), gatewayError, 'CODE_INVALID CODE_LENGTH_INVALID'),
    ...refusals(
      no('misconfigured'),
      gatewayError,
      'ACCESS_TOKEN_INVALID CALLBACK_URL_INVALID SENDER_NOT_VERIFIED',
    ),
    ...refusals(no('insufficient_funds'), gatewayError, 'BALANCE_NOT_ENOUGH'),
    ...refusals(no('rate_limited'), gatewayError, 'FLOOD_WAIT_30'),
    ...refusals(no('unknown'), gatewayError, 'SOMETHING_NEW', { says: 'unlisted' }),
    ...unreached(),
  ],
}

const saidBySelf = (sent?: 'no') => (kind: string) => ({ status: 422, json: { kind, sent } })
const yours = (...[outcome]: Parameters<typeof no>) =>
  refusals(no(outcome), saidBySelf('no'), outcome, { says: 'yours' })
const yoursWithoutSent = (...[outcome]: Parameters<typeof no>) =>
  refusals(maybe(outcome), saidBySelf(), outcome, { says: 'yours without sent' })
const alone = (status: string) => ({ status: Number(status), text: '' })
const block = 0
const webhook: PageUnderTest = {
  name: 'webhook',
  source: 'docs/deliveries/webhook.md, whose provider is the reader',
  hosts: ['messages.example.com'],
  to: phone,
  withoutCodes: true,
  takes: [{ json: { messageId: 'msg-1' } }],
  provoked: [
    ...yours('invalid_recipient'),
    ...yours('opted_out'),
    ...yours('fraud_blocked'),
    ...yours('content_rejected'),
    ...yours('insufficient_funds'),
    ...yours('misconfigured'),
    ...yours('rate_limited'),
    ...yours('unavailable'),
    ...yours('unknown'),
    ...yoursWithoutSent('invalid_recipient'),
    ...yoursWithoutSent('opted_out'),
    ...yoursWithoutSent('fraud_blocked'),
    ...yoursWithoutSent('content_rejected'),
    ...yoursWithoutSent('insufficient_funds'),
    ...yoursWithoutSent('misconfigured'),
    ...yoursWithoutSent('rate_limited'),
    ...yoursWithoutSent('unavailable'),
    ...refusals(no('misconfigured'), () => ({ status: 302, headers: { location: '/' } }), '302', {
      says: 'a redirect',
    }),
    ...refusals(no('rate_limited'), alone, '429', { says: '429 without a kind' }),
    ...refusals(no('unknown'), saidBySelf('no'), 'no_such_kind', {
      says: 'a kind that is none of ours',
    }),
    ...['401', '403', '404'].flatMap((status) =>
      refusals(maybe('misconfigured'), alone, status, { says: `${status} without a kind` }),
    ),
    ...refusals(maybe('unknown'), alone, '418', { says: 'any other' }),
    { kind: 'unavailable', sent: 'no', says: 'nobody listens', answer: 'nobody', block },
    { kind: 'unknown', sent: 'unknown', says: 'none in time', answer: 'silent', block },
  ],
}

const consoleWrites: PageUnderTest = {
  name: 'console',
  source: 'docs/deliveries/console.md',
  hosts: [],
  to: phone,
  withoutCodes: true,
  takes: [{}],
  provoked: [
    { kind: 'unavailable', sent: 'unknown', says: 'write threw', answer: 'nobody', block },
  ],
}

export const appPages: readonly PageUnderTest[] = [whatsapp, telegram, webhook, consoleWrites]
