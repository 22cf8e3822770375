import { expect, it } from 'vitest'
import { onExpress } from '../http/express'
import { invalid, john, startJobAlerts } from './start-job-alerts'

const { username, mobile_number, password } = john

const asPhone = 'Must be a phone number with its country code, such as +919876543210'
it.each([
  ['no country code', { ...john, mobile_number: '2025550123' }, 'mobile_number', asPhone],
  ['no such number', { ...john, mobile_number: '+1234567890' }, 'mobile_number', asPhone],
  [
    'a country that is not served',
    { ...john, mobile_number: '+989121234567' },
    'mobile_number',
    expect.stringContaining('country'),
  ],
  [
    'a toll-free number',
    { ...john, mobile_number: '+18005550123' },
    'mobile_number',
    'Is not a number that can receive codes',
  ],
  ['no number', { username, password }, 'mobile_number', 'Required'],
  ['a short password', { ...john, password: '1234567' }, 'password', /at least 8/],
  ['a bad username', { ...john, username: 'john doe' }, 'username', /^Must be 3 to 32/],
  ['a bad address', { ...john, email: 'john.example.com' }, 'email', /^Must be an e-mail/],
  ['a name of two lines', { ...john, full_name: 'John\nDoe' }, 'full_name', /control/],
])('refuses a registration with %s', async (_what, body, field, message) => {
  const { post, twilio } = await startJobAlerts(onExpress)
  const refused = await post('register', body)
  expect(refused.status).toBe(400)
  const expected = message instanceof RegExp ? expect.stringMatching(message) : message
  expect(refused.body).toEqual(invalid(field, expected))
  expect(twilio.messages()).toEqual([])
})

it.each([
  ['verify', { mobile_number }, 'otp', 'Required'],
  ['verify', { otp: '123456' }, 'mobile_number', 'Send either mobile_number or email'],
  [
    'verify',
    { mobile_number, email: 'john@example.com', otp: '123456' },
    'mobile_number',
    'Send either mobile_number or email',
  ],
  ['verify', { mobile_number, otp: 'abcdef' }, 'otp', 'Must be the digits of the code'],
  [
    'resend-otp',
    { mobile_number, channel: 'pigeon' },
    'channel',
    'Must be one of sms, whatsapp, voice, email',
  ],
  ['login', { password }, 'username', 'Send either username or mobile_number'],
  ['login', [], 'body', 'Must be a JSON object'],
])('refuses at %s: %j', async (path, body, field, message) => {
  const { post } = await startJobAlerts(onExpress)
  const refused = await post(path, body)
  expect(refused.status).toBe(400)
  expect(refused.body).toEqual(invalid(field, message))
})
