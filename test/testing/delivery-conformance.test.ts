import { createServer } from 'node:http'
import { type Delivery, DeliveryError } from 'otpkit'
import { capturedDelivery, type DeliveryUnderTest, deliveryConformance } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { brokenDeliveries, onHttp } from '../broken/deliveries'
import { freePort } from '../servers/process'

/** A delivery that talks to a provider on this machine. */
async function underTest(create: (url: string) => Delivery): Promise<DeliveryUnderTest> {
  let delivered = 0
  let refusing = false
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    if (refusing) {
      response.writeHead(400).end(JSON.stringify({ error: `not allowed: ${body}` }))
    } else {
      delivered += 1
      response.end(`message-${delivered}`)
    }
  })
  const port = await freePort()
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
  const stop = () =>
    new Promise<void>((stopped) => {
      server.close(() => stopped())
      server.closeAllConnections()
    })
  return {
    delivery: create(`http://127.0.0.1:${port}/messages`),
    delivered: () => delivered,
    refuse: () => {
      refusing = true
    },
    disconnect: stop,
    close: stop,
  }
}

/** What this case says of the delivery. */
async function failure(name: string, create: (url: string) => Delivery): Promise<string> {
  const found = deliveryConformance(() => underTest(create)).find((named) => named.name === name)
  if (found === undefined) return 'there is no such case'
  return found.run().then(() => 'it passes', String)
}

describe('deliveryConformance', () => {
  it('passes a sound delivery over HTTP', async () => {
    for (const { run } of deliveryConformance(() => underTest(onHttp(() => ({}))))) await run()
  })

  it('passes the captured delivery', async () => {
    const create = async (): Promise<DeliveryUnderTest> => {
      const delivery = capturedDelivery({ reaches: ['email'] })
      const fail = (kind: 'content_rejected' | 'unavailable') => () =>
        delivery.failNext(new DeliveryError({ kind, sent: 'no', provider: 'captured' }))
      return {
        delivery,
        message: { channel: 'email' },
        delivered: () => delivery.messages.length,
        refuse: fail('content_rejected'),
        disconnect: fail('unavailable'),
      }
    }
    for (const { run } of deliveryConformance(create)) await run()
  })

  it('leaves the console as it was', async () => {
    const before = { ...console }
    for (const { run } of deliveryConformance(() => underTest(onHttp(() => ({}))))) await run()
    expect({ ...console }).toEqual(before)
  })

  it.each(brokenDeliveries)('finds out: $name', async ({ create, failedBy, saying }) => {
    expect(await failure(failedBy, create)).toMatch(saying)
  })
})
