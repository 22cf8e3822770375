import {
  maybe,
  no,
  type Outcome,
  type PageUnderTest,
  type Provoked,
  refusals,
  unreached,
} from './provoked'

const to = 'person@example.com'

const resendError = (name: string) => ({
  status: name === 'rate_limit_exceeded' ? 429 : 422,
  json: { statusCode: 422, name, message: 'No.' },
})
const resend: PageUnderTest = {
  name: 'resend',
  source: 'https://resend.com/docs/api-reference/errors',
  hosts: ['api.resend.com'],
  to,
  takes: [{ json: { id: '56761188-7520-42d8-8898-ff6fc54ce618' } }],
  provoked: [
    ...refusals(
      no('invalid_recipient'),
      (name) => ({ status: 422, json: { name, message: 'Invalid `to` field.' } }),
      'validation_error',
    ),
    ...refusals(no('content_rejected'), resendError, 'security_error'),
    ...refusals(
      no('misconfigured'),
      resendError,
      'invalid_api_key restricted_api_key validation_error',
    ),
    ...refusals(
      no('insufficient_funds'),
      resendError,
      'daily_quota_exceeded monthly_quota_exceeded',
    ),
    ...refusals(no('rate_limited'), resendError, 'rate_limit_exceeded'),
    ...refusals(maybe('unavailable'), resendError, 'internal_server_error application_error'),
    ...refusals(maybe('unknown'), resendError, 'invalid_idempotent_request'),
    ...refusals(no('unknown'), resendError, 'an_error_of_tomorrow', { says: 'unlisted' }),
    ...unreached(),
  ],
}

const sendgridError = (status: string) => ({
  status: Number(status),
  json: { errors: [{ message: 'No.', field: 'from.email', help: null }] },
})
const sendgrid: PageUnderTest = {
  name: 'sendgrid',
  source:
    'https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses',
  hosts: ['api.sendgrid.com'],
  to,
  takes: [{ status: 202, headers: { 'x-message-id': '14c5d75ce93.dfd.64b469' } }],
  provoked: [
    ...refusals(
      no('invalid_recipient'),
      () => ({
        status: 400,
        json: { errors: [{ message: 'Invalid', field: 'personalizations.0.to.0.email' }] },
      }),
      '400',
    ),
    ...refusals(no('misconfigured'), sendgridError, '400 401 403'),
    ...refusals(
      no('insufficient_funds'),
      () => ({ status: 401, json: { errors: [{ message: 'Maximum credits exceeded' }] } }),
      '401',
    ),
    ...refusals(no('rate_limited'), sendgridError, '429'),
    ...refusals(no('unknown'), sendgridError, '410', { says: 'unlisted' }),
    ...refusals(maybe('unknown'), sendgridError, '500'),
    ...unreached(),
  ],
}

const postmarkError = (code: string) => ({
  status: code === '429' ? 429 : 422,
  json: { ErrorCode: Number(code), Message: 'No.' },
})
const postmark: PageUnderTest = {
  name: 'postmark',
  source: 'https://postmarkapp.com/developer/api/overview#error-codes',
  hosts: ['api.postmarkapp.com'],
  to,
  takes: [{ json: { To: to, MessageID: 'b7bc2f4a', ErrorCode: 0, Message: 'OK' } }],
  provoked: [
    ...refusals(
      no('invalid_recipient'),
      () => ({ status: 422, json: { ErrorCode: 300, Message: "Invalid 'To' address." } }),
      '300',
    ),
    ...refusals(no('opted_out'), postmarkError, '406'),
    ...refusals(no('misconfigured'), postmarkError, '10 300 400 401 412 413'),
    ...refusals(no('insufficient_funds'), postmarkError, '405'),
    ...refusals(no('rate_limited'), postmarkError, '429'),
    ...refusals(no('unavailable'), postmarkError, '100'),
    ...refusals(no('unknown'), () => ({ status: 403, text: '<html>Blocked</html>' }), '403'),
    ...refusals(maybe('unavailable'), () => ({ status: 503, text: '' }), '503'),
    ...refusals(maybe('unknown'), () => ({ status: 500, text: '' }), '500'),
    ...refusals(no('unknown'), postmarkError, '9999', { says: 'unlisted' }),
    ...unreached(),
  ],
}

const sesError = (type: string) => ({
  status: type === 'TooManyRequestsException' ? 429 : 400,
  headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/` },
  json: { message: 'No.' },
})
const ses: PageUnderTest = {
  name: 'ses',
  source:
    'https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors',
  hosts: ['email.eu-west-1.amazonaws.com'],
  to,
  takes: [{ json: { MessageId: '0100018b2f' } }],
  provoked: [
    ...refusals(no('content_rejected'), sesError, 'MessageRejected'),
    ...refusals(
      no('misconfigured'),
      sesError,
      'BadRequestException MailFromDomainNotVerifiedException AccountSuspendedException SendingPausedException',
    ),
    ...refusals(
      no('misconfigured'),
      (type) => ({
        ...sesError(type),
        json: { message: 'Email address is not verified: person@example.com' },
      }),
      'MessageRejected',
    ),
    ...refusals(no('rate_limited'), sesError, 'LimitExceededException TooManyRequestsException'),
    ...refusals(no('unknown'), sesError, 'ExceptionOfTomorrow', { says: 'unlisted' }),
    ...unreached(),
  ],
}

const at = (step: string, says: string, outcome: Outcome, reply = says): Provoked => ({
  kind: outcome[0],
  sent: outcome[1],
  says,
  answer: { smtp: { [step]: reply } },
  block: 0,
})
const smtp: PageUnderTest = {
  name: 'smtp',
  source:
    'https://www.rfc-editor.org/rfc/rfc5321#section-4.2, https://www.rfc-editor.org/rfc/rfc3463',
  hosts: [],
  to,
  takes: [{ smtp: {} }],
  provoked: [
    at('RCPT', '550 5.1.1', no('invalid_recipient'), '550 5.1.1 <person@example.com>: unknown'),
    at('RCPT', '550 No such user', no('invalid_recipient')),
    at('RCPT', '551 User not local', no('invalid_recipient')),
    at('RCPT', '553 Mailbox name not allowed', no('invalid_recipient')),
    at('RCPT', '501 5.1.3', no('invalid_recipient')),
    at('.', '550 5.7.1', no('content_rejected'), '550 5.7.1 Message looks like spam'),
    at('.', '554', no('content_rejected'), '554 Transaction failed'),
    at('AUTH', '535', no('misconfigured'), '535 5.7.8 Bad credentials'),
    at('MAIL', '530', no('misconfigured'), '530 5.7.0 Authentication required'),
    at('RCPT', '550 Relaying denied', no('misconfigured')),
    at('RCPT', '550 Sender verify failed', no('misconfigured')),
    at('RCPT', '550 5.1.8', no('misconfigured'), '550 5.1.8 Domain not found'),
    at('RCPT', '554 5.7.1', no('misconfigured'), '554 5.7.1 Relay access denied'),
    at('.', '554 Email address is not verified', no('misconfigured')),
    at('.', '451 Maximum credits exceeded', no('insufficient_funds')),
    at('MAIL', '421', no('rate_limited'), '421 4.7.0 Too much mail'),
    at('MAIL', '450 4.7.1', no('rate_limited'), '450 4.7.1 Rate limit'),
    at('MAIL', '550 Daily sending limit exceeded', no('rate_limited')),
    at('.', '454 Throttling failure', no('rate_limited')),
    at('RCPT', '450', no('unavailable'), '450 4.2.0 Greylisted'),
    at('RCPT', '451', no('unavailable'), '451 4.3.0 Busy'),
    at('RCPT', '452', no('unavailable'), '452 4.2.2 Mailbox full'),
    at('RCPT', '552', no('unavailable'), '552 5.2.2 Mailbox full'),
    at('connect', '554', no('unavailable'), '554 No SMTP service here'),
    at('RCPT', '550 Client host blocked', no('unavailable')),
    at('RCPT', '550', no('unknown')),
    at('.', 'unlisted', no('unknown'), '571 Something else'),
    at('.', 'ECONNECTION', maybe('unknown'), 'hang up'),
    at('.', 'ETIMEDOUT', maybe('unknown'), 'silent'),
    { kind: 'unavailable', sent: 'no', says: 'ECONNREFUSED', answer: 'nobody', block: 0 },
  ],
}

export const emailPages: readonly PageUnderTest[] = [resend, sendgrid, postmark, ses, smtp]
