import type { OtpMessage } from '../delivery'
import { isDeliveryError } from '../errors'
import { defined } from '../internal/defined'
import {
  type Checks,
  type ConformanceCase,
  conformanceCases,
  expectSame,
  expectThat,
  together,
} from './conformance'
import { spellings, textsWithin } from './delivery-traces'
import { opaque } from './random'
import type { DeliveryUnderTest } from './subjects'

/**
 * Every rule that a `Delivery` keeps, as cases for whatever runs your tests. There is nothing to
 * switch off. While a case runs it listens on `console`, so run one case at a time in a process.
 *
 * @param create - Called once for each case; gives a delivery and a stand-in for its provider.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test'
 * import { DeliveryError } from 'otpkit'
 * import { capturedDelivery, deliveryConformance } from 'otpkit/testing'
 *
 * describe('my delivery', () => {
 *   const cases = deliveryConformance(async () => {
 *     const delivery = capturedDelivery({ name: 'mine' })
 *     const fail = (kind: 'content_rejected' | 'unavailable') => () =>
 *       delivery.failNext(new DeliveryError({ kind, sent: 'no', provider: 'mine' }))
 *     return {
 *       delivery,
 *       delivered: () => delivery.messages.length,
 *       refuse: fail('content_rejected'),
 *       disconnect: fail('unavailable'),
 *     }
 *   })
 *   for (const { name, run } of cases) it(name, run)
 * })
 * ```
 */
export function deliveryConformance(
  create: () => Promise<DeliveryUnderTest>,
): readonly ConformanceCase[] {
  return conformanceCases(create, checks)
}

const checks: Checks<DeliveryUnderTest> = {
  'it has a name and says which recipients it reaches': async ({ delivery }) => {
    const { name, reaches } = delivery
    expectThat(/^[!-~]([ -~]{0,62}[!-~])?$/.test(name), 'name must be 1 to 64 printable characters')
    expectThat(reaches.length > 0, 'reaches must not be empty')
    expectSame(new Set(reaches).size, reaches.length, 'different entries of reaches')
    const unknown = reaches.filter((kind) => kind !== 'phone' && kind !== 'email')
    expectSame(unknown, [], 'entries of reaches that are neither phone nor email')
  },

  'a message is delivered once, and the receipt names the provider': async (subject) => {
    const receipt = await subject.delivery.deliver(messageFor(subject))
    const { provider, messageId = 'none', segments = 1 } = receipt
    expectThat(isText(provider), 'provider of the receipt must be a text')
    expectThat(isText(messageId), 'messageId of the receipt must be a text, or left out')
    expectThat(
      Number.isInteger(segments) && segments >= 1,
      'segments of the receipt must be a whole number, or left out',
    )
    expectSame(await subject.delivered(), 1, 'messages that the provider took')
  },

  'messages at once are each delivered once': async (subject) => {
    const receipts = await together(10, () => subject.delivery.deliver(messageFor(subject)))
    expectSame(await subject.delivered(), 10, 'messages that the provider took')
    const ids = receipts.flatMap(({ messageId }) => messageId ?? [])
    expectSame(new Set(ids).size, ids.length, 'different ids of the messages')
  },

  'S11 the receipt holds neither code nor recipient, and nothing is printed': async (subject) => {
    const message = messageFor(subject)
    let receipt: unknown
    const printed = await printedDuring(async () => {
      receipt = await subject.delivery.deliver(message)
    })
    expectNoTrace(message, receipt, 'the receipt')
    expectSame(printed.length, 0, 'calls of console')
  },

  'a signal that has aborted sends nothing': async (subject) => {
    const message = messageFor(subject)
    const options = { signal: AbortSignal.abort() }
    const error = await rejection(() => subject.delivery.deliver(message, options))
    expectNoTrace(message, error, 'the error')
    expectSame(await subject.delivered(), 0, 'messages that the provider took')
    await subject.delivery.deliver(message, { signal: new AbortController().signal })
    expectSame(await subject.delivered(), 1, 'messages after one whose signal has not aborted')
  },

  'S75 a refusal of the provider is a DeliveryError without code or recipient': async (subject) => {
    await subject.refuse()
    await expectDeliveryError(subject)
    expectSame(await subject.delivered(), 0, 'messages that the provider took')
  },

  'S75 an unreachable provider is a DeliveryError without code or recipient': async (subject) => {
    await subject.disconnect()
    await expectDeliveryError(subject)
    expectSame(await subject.delivered(), 0, 'messages that the provider took')
  },

  'an unreachable provider after a message that worked is a DeliveryError too': async (subject) => {
    await subject.delivery.deliver(messageFor(subject))
    await subject.disconnect()
    await expectDeliveryError(subject)
    expectSame(await subject.delivered(), 1, 'messages that the provider took')
  },
}

function messageFor({ delivery, message }: DeliveryUnderTest): OtpMessage {
  const code = '73019486'
  const text = `${code} is your Otpkit code. It is good for 5 minutes.`
  const phone = delivery.reaches.includes('phone')
  return {
    to: phone ? '+919876501234' : 'margaret.hamilton@example.com',
    ...(phone ? { country: 'IN' } : {}),
    channel: phone ? 'sms' : 'email',
    code,
    purpose: 'login',
    locale: 'en',
    appName: 'Otpkit',
    expiresInMs: 300_000,
    reference: opaque().slice(0, 22),
    content: {
      text,
      subject: `${code} is your Otpkit code`,
      html: `<p>${text}</p>`,
      spoken: `Your code is ${[...code].join(', ')}`,
    },
    ...message,
  }
}

async function expectDeliveryError(subject: DeliveryUnderTest): Promise<void> {
  const message = messageFor(subject)
  let error: unknown
  const printed = await printedDuring(async () => {
    error = await rejection(() => subject.delivery.deliver(message))
  })
  expectThat(isDeliveryError(error), 'deliver did not throw a DeliveryError')
  expectThat(
    error.sent === 'no' || error.sent === 'unknown',
    `sent must be no or unknown, and is ${error.sent}`,
  )
  expectThat(isText(error.provider), 'provider of the error must be a text')
  expectNoTrace(message, error, 'the error')
  expectSame(printed.length, 0, 'calls of console')
}

function expectNoTrace({ code, to }: OtpMessage, value: unknown, what: string): void {
  const texts = textsWithin(value)
  for (const [name, secret] of Object.entries(defined({ code, recipient: to }))) {
    const found = spellings(secret).some((spelling) =>
      texts.some((text) => text.includes(spelling)),
    )
    expectThat(!found, `${what} holds the ${name}`)
  }
}

/** What the work rejects with; fails the case when it resolves. */
async function rejection(work: () => Promise<unknown>): Promise<unknown> {
  const outcome = await work().then(
    () => ({ resolved: true, error: undefined }),
    (error: unknown) => ({ resolved: false, error }),
  )
  expectThat(!outcome.resolved, 'deliver resolved, though nothing can have been taken')
  return outcome.error
}

/** The arguments of every call of console while the work goes on; nothing is printed meanwhile. */
async function printedDuring(work: () => Promise<void>): Promise<unknown[][]> {
  const calls: unknown[][] = []
  const methods = Object.entries(console).filter(([, method]) => typeof method === 'function')
  for (const [name] of methods) {
    Reflect.set(console, name, (...values: unknown[]) => {
      calls.push(values)
    })
  }
  try {
    await work()
  } finally {
    for (const [name, method] of methods) Reflect.set(console, name, method)
  }
  return calls
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
