import { maybe, no, type PageUnderTest, refusals, unreached } from './provoked'

const phone = '+919876543210'

const twilioError = (code: string) => ({
  status: code === '20429' ? 429 : 400,
  json: { code: Number(code), message: 'No.', more_info: '', status: 400 },
})
const twilio: PageUnderTest = {
  name: 'twilio',
  source: 'https://www.twilio.com/docs/api/errors',
  hosts: ['api.twilio.com'],
  to: phone,
  takes: [{ status: 201, json: { sid: 'SM1', status: 'queued', error_code: null } }],
  provoked: [
    ...refusals(no('invalid_recipient'), twilioError, '21211 21614 21635 21265 21266'),
    ...refusals(no('invalid_recipient'), twilioError, '21217', { channel: 'voice' }),
    ...refusals(no('invalid_recipient'), twilioError, '63003', { channel: 'whatsapp' }),
    ...refusals(no('opted_out'), twilioError, '21610'),
    ...refusals(no('opted_out'), twilioError, '21216', { channel: 'voice' }),
    ...refusals(no('opted_out'), twilioError, '63014', { channel: 'whatsapp' }),
    ...refusals(no('fraud_blocked'), twilioError, '30450 21268'),
    ...refusals(no('fraud_blocked'), twilioError, '21202', { channel: 'voice' }),
    ...refusals(no('content_rejected'), twilioError, '21617'),
    ...refusals(no('content_rejected'), twilioError, '21654 63027 63028', { channel: 'whatsapp' }),
    ...refusals(no('misconfigured'), twilioError, '20003 21606 21616 21408 21608'),
    ...refusals(no('misconfigured'), twilioError, '21215 21219', { channel: 'voice' }),
    ...refusals(no('rate_limited'), twilioError, '20429 21611 14107'),
    ...refusals(maybe('unknown'), twilioError, '20500 20503'),
    ...refusals(no('unknown'), twilioError, '29999', { says: 'unlisted' }),
    ...unreached(),
  ],
}

const msg91Error = (code: string) => ({ json: { type: 'error', message: 'No.', code } })
const msg91: PageUnderTest = {
  name: 'msg91',
  source: 'https://docs.msg91.com/otp, https://api.msg91.com/apidoc',
  hosts: ['control.msg91.com'],
  to: phone,
  takes: [
    { json: { type: 'success', request_id: '3763646c3058373530393938' } },
    { json: { type: 'success', message: '3763646c3058373530393938' } },
  ],
  provoked: [
    ...refusals(no('invalid_recipient'), msg91Error, '202'),
    ...refusals(no('content_rejected'), msg91Error, '211 310'),
    {
      kind: 'content_rejected',
      sent: 'no',
      says: '–',
      answer: {
        json: { type: 'error', message: 'The provided flow ID or template ID is invalid.' },
      },
      block: 0,
    },
    ...refusals(no('misconfigured'), msg91Error, '201 207 418 203'),
    ...refusals(no('insufficient_funds'), msg91Error, '301'),
    ...refusals(no('rate_limited'), msg91Error, '506'),
    ...refusals(no('unavailable'), msg91Error, '306'),
    ...refusals(maybe('unavailable'), msg91Error, '001 002 601'),
    ...refusals(no('unknown'), msg91Error, '999', { says: 'unlisted' }),
    ...unreached(),
  ],
}

const kavenegarError = (code: string) => ({
  status: 400,
  json: { return: { status: Number(code), message: 'خطا' }, entries: null },
})
const kavenegar: PageUnderTest = {
  name: 'kavenegar',
  source: 'https://kavenegar.com/rest.html',
  hosts: ['api.kavenegar.com'],
  to: '+989121234567',
  takes: [
    {
      json: {
        return: { status: 200, message: 'تایید شد' },
        entries: [{ messageid: 8792343, status: 5 }],
      },
    },
  ],
  provoked: [
    ...refusals(no('invalid_recipient'), kavenegarError, '411'),
    ...refusals(no('content_rejected'), kavenegarError, '424 431 432 428 413'),
    ...refusals(no('misconfigured'), kavenegarError, '403 407 412 501 400'),
    ...refusals(no('insufficient_funds'), kavenegarError, '418'),
    ...refusals(no('rate_limited'), kavenegarError, '451'),
    ...refusals(no('unavailable'), kavenegarError, '409'),
    ...refusals(maybe('unavailable'), kavenegarError, '402'),
    ...refusals(no('unknown'), kavenegarError, '999', { says: 'unlisted' }),
    ...unreached(),
  ],
}

const plivoError = (code: string) => ({
  status: Number(code),
  json: { api_id: 'b1', error: 'No.' },
})
const plivo: PageUnderTest = {
  name: 'plivo',
  source: 'https://www.plivo.com/docs/messaging/api/message',
  hosts: ['api.plivo.com'],
  to: phone,
  takes: [{ status: 202, json: { api_id: 'b1', message: 'queued', message_uuid: ['db3ce55a'] } }],
  provoked: [
    ...refusals(
      no('invalid_recipient'),
      () => ({ status: 400, json: { api_id: 'b1', error: "'dst' parameter is not valid" } }),
      '400',
    ),
    ...refusals(
      no('invalid_recipient'),
      () => ({ status: 202, json: { api_id: 'b1', message_uuid: [], invalid_number: ['91'] } }),
      '202',
    ),
    ...refusals(no('misconfigured'), plivoError, '400 401 403 404'),
    ...refusals(no('insufficient_funds'), plivoError, '402'),
    ...refusals(no('rate_limited'), plivoError, '429'),
    ...refusals(no('unknown'), plivoError, '422'),
    ...refusals(no('unknown'), plivoError, '410', { says: 'unlisted' }),
    ...refusals(maybe('unknown'), plivoError, '500'),
    ...unreached(),
  ],
}

const vonageSmsError = (status: string) => ({
  json: { 'message-count': '1', messages: [{ status, 'error-text': 'No.' }] },
})
const vonageProblem = (code: string) => ({
  status: code.length === 3 ? Number(code) : 422,
  json: {
    type: `https://developer.vonage.com/api-errors${code.length === 3 ? '' : `/messages#${code}`}`,
    title: 'Error',
    detail: 'No.',
  },
})
const block = 1
const vonage: PageUnderTest = {
  name: 'vonage',
  source:
    'https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms, https://developer.vonage.com/en/api-errors/messages',
  hosts: ['rest.nexmo.com', 'api.nexmo.com'],
  to: phone,
  takes: [
    { json: { 'message-count': '1', messages: [{ 'message-id': '0A00', status: '0' }] } },
    { status: 202, json: { message_uuid: 'aaaaaaaa-bbbb' } },
  ],
  provoked: [
    ...refusals(
      no('invalid_recipient'),
      () => ({ json: { messages: [{ status: '3', 'error-text': 'Invalid to param' }] } }),
      '3',
    ),
    ...refusals(no('invalid_recipient'), vonageSmsError, '6 33'),
    ...refusals(no('opted_out'), vonageSmsError, '7'),
    ...refusals(no('content_rejected'), vonageSmsError, '12'),
    ...refusals(no('misconfigured'), vonageSmsError, '2 3 4 8 11 14 15 29 32'),
    ...refusals(no('insufficient_funds'), vonageSmsError, '9'),
    ...refusals(no('rate_limited'), vonageSmsError, '1 10'),
    ...refusals(maybe('unavailable'), vonageSmsError, '5'),
    ...refusals(no('unknown'), vonageSmsError, '99', { says: 'unlisted' }),
    ...unreached(),
    ...refusals(no('invalid_recipient'), vonageProblem, '1170', { block }),
    ...refusals(no('opted_out'), vonageProblem, '1050 1240 1241', { block }),
    ...refusals(no('fraud_blocked'), vonageProblem, '1460 1470 1471 1472', { block }),
    ...refusals(
      no('content_rejected'),
      vonageProblem,
      '1022 1040 1090 1210 1430 1476 1480 1481 1482 1483',
      { block },
    ),
    ...refusals(no('misconfigured'), vonageProblem, '1010 1020 1060 1080 1120 1420 401', { block }),
    ...refusals(no('insufficient_funds'), vonageProblem, '1070 402', { block }),
    ...refusals(no('rate_limited'), vonageProblem, '1000 429', { block }),
    ...refusals(maybe('unavailable'), vonageProblem, '1030 1100', { block }),
    ...refusals(no('unknown'), vonageProblem, '1999', { block, says: 'unlisted' }),
    ...unreached(block),
  ],
}

const snsText = (code: string, message = 'No.') => ({
  status: 400,
  text: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
})
const sns: PageUnderTest = {
  name: 'sns',
  source: 'https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors',
  hosts: ['sns.eu-west-1.amazonaws.com'],
  to: phone,
  takes: [
    {
      text: '<PublishResponse><PublishResult><MessageId>94f2</MessageId></PublishResult></PublishResponse>',
    },
  ],
  provoked: [
    ...refusals(
      no('invalid_recipient'),
      (code) => snsText(code, 'Invalid parameter: PhoneNumber Reason: it is not valid'),
      'InvalidParameter',
    ),
    ...refusals(no('opted_out'), (code) => snsText(code), 'OptedOut'),
    ...refusals(
      no('misconfigured'),
      (code) => snsText(code),
      'AuthorizationError InvalidClientTokenId SignatureDoesNotMatch ExpiredToken InvalidParameter',
    ),
    ...refusals(no('rate_limited'), (code) => snsText(code), 'Throttled Throttling'),
    ...refusals(maybe('unknown'), (code) => snsText(code), 'InternalError'),
    ...refusals(no('unknown'), (code) => snsText(code), 'ErrorOfTomorrow', { says: 'unlisted' }),
    ...unreached(),
  ],
}

export const smsPages: readonly PageUnderTest[] = [twilio, msg91, kavenegar, plivo, vonage, sns]
