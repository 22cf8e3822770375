import { Agent, get as httpGet } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { freePort } from '../../../test/servers/process'
import { echoSite } from '../testing/echo-site'
import { frameworks } from '../testing/start-site'
import type { Reply } from './route'
import { serve, start } from './serve'

describe.each(frameworks)('a server on %s', (_name, framework) => {
  /** A server whose `/slow` answers when it is told to. */
  async function slowServer() {
    const { site, routes, route } = echoSite()
    let finish = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    let begun = () => {}
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    const answerLate = async (): Promise<Reply> => {
      begun()
      await finished
      return { status: 200, json: { late: true } }
    }
    routes.push(route('GET', '/slow', answerLate))
    const server = framework(site)
    // Where no other server comes by the port once it is closed.
    const url = `http://127.0.0.1:${await server.listen(await freePort(), '127.0.0.1')}`
    onTestFinished(() => server.closeAllConnections())
    return { server, url, finish, hasBegun }
  }

  it('that closes answers what has begun, and takes nothing new', async () => {
    const { server, url, finish, hasBegun } = await slowServer()
    const slow = fetch(`${url}/slow`)
    await hasBegun
    let isClosed = false
    const closed = server.close().then(() => {
      isClosed = true
    })
    await expect(fetch(`${url}/things`)).rejects.toThrow()
    expect(isClosed).toBe(false)
    finish()
    const response = await slow
    expect([response.status, await response.json()]).toEqual([200, { late: true }])
    await closed
  })

  it('that closes lets go of a connection that is only kept for later', async () => {
    const { server, url } = await slowServer()
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    await new Promise((answered) => {
      httpGet(`${url}/things`, { agent }, (response) => response.resume().on('end', answered))
    })
    await server.close()
  })

  it('breaks off what it is told not to wait for', async () => {
    const { server, url, finish, hasBegun } = await slowServer()
    onTestFinished(finish)
    const slow = fetch(`${url}/slow`).then(
      () => 'answered',
      () => 'broken off',
    )
    await hasBegun
    const closed = server.close()
    server.closeAllConnections()
    await closed
    expect(await slow).toBe('broken off')
  })

  it('says that it cannot listen, in words for who starts it', async () => {
    const { site } = echoSite()
    const close = vi.fn()
    // An address of the documentation's, which no machine has.
    const serving = serve({ site, framework, port: 0, host: '203.0.113.1', close })
    await expect(serving).rejects.toThrow(/^cannot listen at this HOST and PORT: /)
    expect(close).not.toHaveBeenCalled()
  })
})

describe('an example that cannot start', () => {
  it('says why, and ends with 1', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
    const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`ended with ${code}`)
    })
    onTestFinished(() => {
      printed.mockRestore()
      exit.mockRestore()
    })
    const starting = start('my-example', async () => {
      throw new Error('PORT must be a whole number')
    })
    await expect(starting).rejects.toThrow('ended with 1')
    expect(printed.mock.calls).toEqual([['my-example cannot start: PORT must be a whole number']])
  })
})
