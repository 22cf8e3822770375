import { version } from '../internal/version'
import { type ProblemName, problems } from './problem'

/** An OpenAPI 3.1 document, to be served, or its paths put among your own. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<'/send' | '/resend' | '/verify', object>>
}

const recipient = {
  to: { type: 'string', description: 'A phone number or an e-mail address, as it was typed.' },
}
const handle = {
  challengeId: { type: 'string', description: 'In place of `to`: the handle that `send` gave.' },
}
const purpose = {
  purpose: { type: 'string', description: 'What the code is for. Needed where there are several.' },
}
const message = {
  channel: { type: 'string', description: 'How the code is to come.' },
  locale: { type: 'string', description: 'Languages of the text, instead of Accept-Language.' },
}
const code = { code: { type: 'string', description: 'The code, as it was typed.' } }
const milliseconds = { type: 'number', minimum: 0 }

const sent = {
  description: 'A message is on its way, if the recipient can get one.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['message', 'challengeId', 'codeLength', 'expiresInMs', 'resendInMs'],
        additionalProperties: false,
        properties: {
          message: { type: 'string' },
          challengeId: { type: 'string', pattern: '^[A-Za-z0-9_-]{44}$' },
          codeLength: { type: 'integer', minimum: 4, maximum: 10 },
          expiresInMs: milliseconds,
          resendInMs: milliseconds,
        },
      },
    },
  },
}

const always: readonly ProblemName[] = [
  'invalid',
  'malformed',
  'cross-site',
  'method-not-allowed',
  'too-large',
  'unsupported-media-type',
  'too-many-requests',
  'unavailable',
]

/**
 * What `createHandler` serves, beside the answer of `verified`, whose status and body are yours: it
 * stands as `default`.
 */
export const openApi: OpenApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'One-time passcodes',
    version,
    description: 'Sends a code to a phone or an e-mail address, and verifies it.',
  },
  paths: {
    '/send': {
      post: {
        operationId: 'sendCode',
        summary: 'Send a code',
        requestBody: body({ ...recipient, ...purpose, ...message }, ['to']),
        responses: { 200: sent, ...refusals([...always, 'challenge-required']) },
      },
    },
    '/resend': {
      post: {
        operationId: 'resendCode',
        summary: 'Send the same code again',
        requestBody: body({ ...recipient, ...handle, ...purpose, ...message }, []),
        responses: { 200: sent, ...refusals([...always, 'challenge-required', 'expired']) },
      },
    },
    '/verify': {
      post: {
        operationId: 'verifyCode',
        summary: 'Submit a code',
        requestBody: body({ ...recipient, ...handle, ...purpose, ...code }, ['code']),
        responses: {
          ...refusals([...always, 'wrong-code', 'already-used']),
          default: { description: 'The code was right: the answer of the application.' },
        },
      },
    },
  },
}

function body(properties: object, required: readonly string[]): object {
  const schema = { type: 'object', properties, required }
  const content = {
    'application/json': { schema },
    'application/x-www-form-urlencoded': { schema },
  }
  return { required: true, content }
}

/** The problems that a request can meet, by their status. */
function refusals(names: readonly ProblemName[]): Readonly<Record<string, object>> {
  const statuses = [...new Set(names.map((name) => problems[name][0]))]
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      refusal(names.filter((name) => problems[name][0] === status)),
    ]),
  )
}

function refusal(names: readonly ProblemName[]): object {
  const schema = {
    type: 'object',
    required: ['type', 'title', 'status'],
    additionalProperties: false,
    properties: {
      type: { type: 'string', enum: names.map((name) => `urn:otpkit:${name}`) },
      title: { type: 'string' },
      status: { type: 'integer' },
      ...(names.includes('invalid') && { field: { type: 'string' }, problem: { type: 'string' } }),
      ...(names.includes('too-many-requests') && { retryAfterMs: milliseconds }),
    },
  }
  const waits = names.some((name) => name === 'too-many-requests' || name === 'unavailable')
  const seconds = { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } }
  return {
    description: names.map((name) => problems[name][1]).join(' '),
    ...(waits && { headers: { 'Retry-After': seconds } }),
    content: { 'application/problem+json': { schema } },
  }
}
