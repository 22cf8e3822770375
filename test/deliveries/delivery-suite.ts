import { inspect } from 'node:util'
import type { Delivery, DeliveryErrorKind, OtpMessage } from 'otpkit'
import { isDeliveryError } from 'otpkit'
import { deliveryConformance } from 'otpkit/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../servers/process'
import {
  type ProviderBehaviour,
  type ProviderRequest,
  type ProviderServer,
  startProviderServer,
  transportFaults,
} from './provider-server'

/** What an adapter is created with in tests, besides its own options. */
export interface TestedHttpOptions {
  readonly baseUrl: string
  readonly timeoutMs?: number
}

/** One adapter and how its provider talks. */
export interface HttpDeliveryUnderTest {
  create(options: TestedHttpOptions): Delivery
  /** Takes the message; the id differs each time. */
  success(id: string): ProviderBehaviour
  /** A documented error that quotes the whole request. */
  refusal(quote: string): ProviderBehaviour
  /** Credentials that no error may hold. */
  readonly credentials: readonly string[]
  /** What an answer 401 with an HTML page means here. */
  readonly unauthorized: readonly [kind: DeliveryErrorKind, sent: 'no' | 'unknown']
  readonly message?: Partial<OtpMessage>
}

/** A row of a provider's error table: the answer, and what it must become. */
export type ErrorRow = readonly [
  code: string | number,
  kind: DeliveryErrorKind,
  sent: 'no' | 'unknown',
  /** Where the operator mends it, if the console has a page for it. */
  consolePage?: string,
]

/** A message to an Indian phone, in English. */
export function testMessage(changes: Partial<OtpMessage> = {}): OtpMessage {
  return {
    to: '+919876543210',
    country: 'IN',
    channel: 'sms',
    code: '047382',
    purpose: 'login',
    locale: 'en',
    appName: 'Acme & Co',
    expiresInMs: 299_999,
    reference: 'abcdefghijklmnopqrstuv',
    content: {
      text: '047382 is your Acme & Co code. Naïve + <b>100%</b>',
      spoken: 'Your Acme & Co code is 0, 4, 7, 3, 8, 2. Again: 0, 4, 7, 3, 8, 2.',
    },
    ...changes,
  }
}

/** A provider for the tests of one file. */
export function useProviderServer(): () => ProviderServer {
  let server: ProviderServer | undefined
  beforeAll(async () => {
    server = await startProviderServer()
  })
  afterAll(() => server?.close())
  return () => {
    if (server === undefined) throw new Error('the provider has not started')
    return server
  }
}

/** What `deliver` rejects with; fails when it resolves. */
export async function failureOf(delivery: Delivery, message = testMessage(), signal?: AbortSignal) {
  const options = signal === undefined ? {} : { signal }
  const error: unknown = await delivery.deliver(message, options).then(
    () => 'deliver resolved',
    (reason: unknown) => reason,
  )
  if (!isDeliveryError(error)) throw new Error('deliver did not throw a DeliveryError')
  return error
}

/** Fails when anything reachable from the error, its stack or what Node prints holds a secret. */
export function expectNoSecrets(error: unknown, secrets: readonly string[]): void {
  const texts = [inspect(error, { depth: 20, showHidden: true }), ...strings(error, new Set())]
  for (const secret of secrets) {
    expect(texts.filter((text) => text.includes(secret))).toEqual([])
  }
}

function strings(value: unknown, seen: Set<unknown>): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return [String(value)]
  seen.add(value)
  return Reflect.ownKeys(value).flatMap((key) => [
    String(key),
    ...strings(Reflect.get(value, key), seen),
  ])
}

/** Every row of a provider's error table, and that no error quotes the request. */
export function describeErrorTable(
  server: () => ProviderServer,
  adapter: HttpDeliveryUnderTest,
  rows: readonly ErrorRow[],
  answer: (code: string | number, quote: string) => ProviderBehaviour,
): void {
  const cases = rows.map(([code, kind, sent, consolePage]) => ({ code, kind, sent, consolePage }))
  it.each(cases)('error $code is $kind, sent $sent', async (row) => {
    const { code, kind, sent, consolePage } = row
    server().behave((request) => answer(code, quoteOf(request)))
    const message = testMessage(adapter.message)
    const error = await failureOf(adapter.create({ baseUrl: server().url }), message)
    expect(error).toMatchObject({ kind, sent, providerCode: String(code) })
    expect(error.consolePage).toBe(consolePage)
    expectNoSecrets(error, secretsOf(adapter, message))
  })
}

type Meaning = readonly [kind: DeliveryErrorKind, sent: 'no' | 'unknown']

/** What the bodies of an answer with one status must become. */
export interface StatusOutcome {
  /** In the provider's own envelope, with a code that no page lists. */
  readonly own: Meaning
  /** In the words of a proxy. */
  readonly page: Meaning
  readonly json: Meaning
  readonly empty: Meaning
}

/** The rule of every provider, before what its own pages say of a status. */
export function outcomeByStatus(status: number): StatusOutcome {
  const kinds: Readonly<Record<number, DeliveryErrorKind>> = {
    401: 'misconfigured',
    403: 'misconfigured',
    404: 'misconfigured',
    429: 'rate_limited',
  }
  const kind = kinds[status] ?? 'unknown'
  const mayHaveActed = [408, 409, 425].includes(status) || status >= 500
  const foreign: Meaning = [kind, 'unknown']
  const own: Meaning = [kind, mayHaveActed ? 'unknown' : 'no']
  return { own, page: foreign, json: foreign, empty: foreign }
}

/** The rule of providers whose status says nothing of the kind. */
export function outcomeByBody(status: number): StatusOutcome {
  const foreign: Meaning = ['unknown', 'unknown']
  const own: Meaning = ['unknown', outcomeByStatus(status).own[1]]
  return { own, page: foreign, json: foreign, empty: foreign }
}

/**
 * `fetch` makes a network error of 407 (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch);
 * that of Bun and Deno hands it on.
 */
async function handsOn407(server: ProviderServer): Promise<boolean> {
  server.behave({ status: 407 })
  return fetch(server.url, { method: 'POST' }).then(
    () => true,
    () => false,
  )
}

/** Every status from 400 to 599, in the provider's own envelope, somebody else's body and none. */
export function describeStatuses(
  server: () => ProviderServer,
  adapter: HttpDeliveryUnderTest,
  own: (status: number) => Exclude<ProviderBehaviour, string>,
  outcome: (status: number) => StatusOutcome = outcomeByStatus,
): void {
  const bodies: readonly (readonly [keyof StatusOutcome, typeof own])[] = [
    ['own', own],
    ['page', () => ({ text: '<html>Access denied</html>' })],
    ['json', () => ({ json: { message: 'no', error: 'Denied', code: 5, status: 'error' } })],
    ['empty', () => ({ text: '' })],
  ]
  it.each(bodies)('S74 every status with the body: %s', async (body, behaviour) => {
    const delivery = adapter.create({ baseUrl: server().url })
    const message = testMessage(adapter.message)
    const found: string[] = []
    const right: string[] = []
    const has407 = await handsOn407(server())
    for (let status = 400; status < 600; status += 1) {
      server().behave({ ...behaviour(status), status })
      const { kind, sent } = await failureOf(delivery, message)
      found.push(`${status} ${kind} ${sent}`)
      const isAnswer = status !== 407 || has407
      right.push(
        `${status} ${(isAnswer ? outcome(status)[body] : ['unknown', 'unknown']).join(' ')}`,
      )
    }
    expect(found).toEqual(right)
  })
}

/** The faults that every HTTP delivery meets in the same way, and the conformance kit. */
export function describeHttpDelivery(
  server: () => ProviderServer,
  adapter: HttpDeliveryUnderTest,
): void {
  const message = testMessage(adapter.message)

  describe('faults', () => {
    it.each(Object.entries(transportFaults))('%s is no success', async (_, { behaviour, sent }) => {
      // A server of its own: what was given up for lack of an answer may arrive in a later test.
      const provider = await startProviderServer()
      try {
        provider.behave(behaviour)
        const isSilent = behaviour === 'silent'
        const delivery = adapter.create({
          baseUrl: provider.url,
          ...(isSilent ? { timeoutMs: 300 } : {}),
        })
        const error = await failureOf(delivery, message)
        expect(error.sent).toBe(sent)
        // On a busy machine the time may be over before the request has arrived.
        if (!isSilent || provider.requests.length > 0) expect(provider.requests).toHaveLength(1)
        expectNoSecrets(error, secretsOf(adapter, message))
      } finally {
        await provider.close()
      }
    })

    it('S75 an HTML page that quotes the request with status 401 is classified, never echoed', async () => {
      server().behave((request) => ({ status: 401, text: `<p>${quoteOf(request)}</p>` }))
      const error = await failureOf(adapter.create({ baseUrl: server().url }), message)
      expect([error.kind, error.sent]).toEqual(adapter.unauthorized)
      expectNoSecrets(error, secretsOf(adapter, message))
    })

    it('a connection that is refused sent nothing', async () => {
      const baseUrl = `http://127.0.0.1:${await freePort()}`
      const error = await failureOf(adapter.create({ baseUrl }), message)
      expect(error).toMatchObject({ kind: 'unavailable', sent: 'no' })
      expectNoSecrets(error, secretsOf(adapter, message))
    })

    it('a signal that ends the call leaves the outcome unknown', async () => {
      const controller = new AbortController()
      server().behave(() => {
        controller.abort()
        return 'silent'
      })
      const delivery = adapter.create({ baseUrl: server().url })
      const error = await failureOf(delivery, message, controller.signal)
      expect(error.sent).toBe('unknown')
      expectNoSecrets(error, secretsOf(adapter, message))
    })
  })

  describe('conformance', () => {
    const open: ProviderServer[] = []
    afterEach(async () => {
      await Promise.all(open.splice(0).map((provider) => provider.close()))
    })
    const cases = deliveryConformance(async () => {
      const provider = await startProviderServer()
      open.push(provider)
      let taken = 0
      provider.behave(() => {
        taken += 1
        return adapter.success(String(taken))
      })
      return {
        delivery: adapter.create({ baseUrl: provider.url }),
        ...(adapter.message === undefined ? {} : { message: adapter.message }),
        delivered: () => taken,
        refuse: () => provider.behave((request) => adapter.refusal(quoteOf(request))),
        disconnect: () => provider.close(),
      }
    })
    for (const { name, run } of cases) it(name, run)
  })
}

function quoteOf({ path, headers, body }: ProviderRequest): string {
  return `${path} ${JSON.stringify(headers)} ${body}`
}

function secretsOf(adapter: HttpDeliveryUnderTest, { code = '', to }: OtpMessage): string[] {
  return [...adapter.credentials, code, to, to.replace('+', '')]
}
