import { type Delivery, DeliveryError, type OtpMessage } from 'otpkit'

/** A delivery that is wrong as real ones are, and the case that must find it out. */
export interface BrokenDelivery {
  readonly name: string
  /** Given the address of a provider that takes JSON over HTTP. */
  create(url: string): Delivery
  /** The case that must fail. */
  readonly failedBy: string
  /** What that case must say, so that it fails for this reason and no other. */
  readonly saying: RegExp
}

const provider = 'example'

/** A sound delivery over HTTP, but for what is changed. */
export function onHttp(change: (sound: Delivery, url: string) => Partial<Delivery>) {
  return (url: string): Delivery => {
    const sound: Delivery = {
      name: provider,
      reaches: ['phone'],
      deliver: async (message, { signal } = {}) => {
        const response = await post(url, message, signal).catch(() => {
          throw new DeliveryError({ kind: 'unavailable', sent: 'unknown', provider })
        })
        if (!response.ok) {
          throw new DeliveryError({ kind: 'content_rejected', sent: 'no', provider })
        }
        return { provider, messageId: await response.text(), segments: 1 }
      },
    }
    return { ...sound, ...change(sound, url) }
  }
}

function post(url: string, { to, content }: OtpMessage, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({ to, text: content.text })
  return fetch(url, { method: 'POST', body, signal: signal ?? null })
}

const refusal = 'S75 a refusal of the provider is a DeliveryError without code or recipient'
const unreachable = 'S75 an unreachable provider is a DeliveryError without code or recipient'

export const brokenDeliveries: readonly BrokenDelivery[] = [
  {
    name: "the provider's answer is kept in the error",
    create: onHttp((_sound, url) => ({
      deliver: async (message) => {
        const response = await post(url, message)
        if (response.ok) return { provider }
        const error = new DeliveryError({ kind: 'content_rejected', sent: 'no', provider })
        throw Object.assign(error, { response: { body: await response.json() } })
      },
    })),
    failedBy: refusal,
    saying: /the error holds the code/,
  },
  {
    name: 'the request is kept in the cause, out of sight of JSON',
    create: onHttp((sound) => ({
      deliver: (message, options) =>
        sound.deliver(message, options).catch((error: unknown) => {
          const request = new TextEncoder().encode(`To=${encodeURIComponent(message.to)}`)
          throw Object.defineProperty(error, 'cause', { value: { request } })
        }),
    })),
    failedBy: unreachable,
    saying: /the error holds the recipient/,
  },
  {
    name: "the client's error is passed on",
    create: onHttp((_sound, url) => ({
      deliver: async (message, { signal } = {}) => {
        await post(url, message, signal)
        return { provider }
      },
    })),
    failedBy: unreachable,
    saying: /did not throw a DeliveryError/,
  },
  {
    name: 'a refusal counts as success',
    create: onHttp((_sound, url) => ({
      deliver: async (message, { signal } = {}) => {
        const response = await post(url, message, signal)
        return { provider, messageId: response.headers.get('x-message-id') ?? 'none' }
      },
    })),
    failedBy: refusal,
    saying: /deliver resolved/,
  },
  {
    name: 'nobody waits for the provider',
    create: onHttp((sound) => ({
      deliver: async (message, options) => {
        sound.deliver(message, options).catch(() => {})
        return { provider }
      },
    })),
    failedBy: unreachable,
    saying: /deliver resolved/,
  },
  {
    name: 'the signal is ignored',
    create: onHttp((sound) => ({ deliver: (message) => sound.deliver(message) })),
    failedBy: 'a signal that has aborted sends nothing',
    saying: /deliver resolved/,
  },
  {
    name: 'a message is sent again to be sure',
    create: onHttp((sound) => ({
      deliver: async (message, options) => {
        await sound.deliver(message, options)
        return sound.deliver(message, options)
      },
    })),
    failedBy: 'a message is delivered once, and the receipt names the provider',
    saying: /messages that the provider took: expected 1, got 2/,
  },
  {
    name: 'the receipt quotes the request',
    create: onHttp((sound) => ({
      deliver: async (message, options) => {
        const receipt = await sound.deliver(message, options)
        return { ...receipt, request: new Map([['to', message.to]]) }
      },
    })),
    failedBy: 'S11 the receipt holds neither code nor recipient, and nothing is printed',
    saying: /the receipt holds the recipient/,
  },
  {
    name: 'the message is logged',
    create: onHttp((sound) => ({
      deliver: (message, options) => {
        console.debug('sending', message.content.text)
        return sound.deliver(message, options)
      },
    })),
    failedBy: 'S11 the receipt holds neither code nor recipient, and nothing is printed',
    saying: /calls of console: expected 0, got 1/,
  },
  {
    name: 'it reaches nobody',
    create: onHttp(() => ({ reaches: [] })),
    failedBy: 'it has a name and says which recipients it reaches',
    saying: /reaches must not be empty/,
  },
]
