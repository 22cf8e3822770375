import type nodemailer from 'nodemailer'
import { vi } from 'vitest'
import { freePort } from '../../servers/process'
import { startProviderServer } from '../provider-server'
import { type SmtpStep, startScriptedServer, startSmtpServer, transportTo } from '../smtp-provider'
import type { Answer, SmtpScript } from './provoked'

/** Where the deliveries of a page meet their provider, who stands on this machine. */
export interface Stage {
  /** From now on the provider behaves like this. */
  play(answer: Answer): Promise<void>
  /** The newest message as the provider got it, without its escapes. */
  heard(): string
  /** The hosts that were asked for, of the provider itself. */
  readonly hosts: ReadonlySet<string>
  /** A nodemailer whose transports lead here. */
  readonly nodemailer: { createTransport(options?: unknown): Transport }
  close(): Promise<void>
}

type Transport = Pick<ReturnType<typeof nodemailer.createTransport>, 'sendMail'>

/** How long a provider that is not silent may take, on however busy a machine. */
const patienceMs = 30_000

const login = { EHLO: '250-hello\r\n250 AUTH PLAIN', AUTH: '235 ok' }

/** Opens it in the place of `fetch`, of SMTP servers and of the console. */
export async function openStage(retryAfter: string): Promise<Stage> {
  const provider = await startProviderServer()
  const nobody = await freePort()
  const mails = await startSmtpServer({
    authOptional: false,
    onAuth: (_login, _session, callback) => callback(null, { user: 'otp' }),
  })
  const scripted: { close(): Promise<void> }[] = []
  const hosts = new Set<string>()
  let heard = ''
  let url = provider.url
  let port = mails.port
  let waitMs = patienceMs
  let socketTimeout = patienceMs
  let isWriting = true

  const realFetch = globalThis.fetch
  vi.stubGlobal('fetch', (given: string, init: RequestInit) => {
    const { host, pathname, search } = new URL(given)
    hosts.add(host)
    const ends = [...(init.signal ? [init.signal] : []), AbortSignal.timeout(waitMs)]
    return realFetch(`${url}${pathname}${search}`, { ...init, signal: AbortSignal.any(ends) })
  })
  vi.spyOn(console, 'log').mockImplementation((text: string) => {
    if (!isWriting) throw new Error('no console')
    heard = text
  })

  async function playScript(script: SmtpScript) {
    const steps = Object.entries(script).map(([step, reply]) => [step, stepOf(reply)] as const)
    const server = await startScriptedServer({ ...login, ...Object.fromEntries(steps) })
    scripted.push(server)
    port = server.port
    // So long that no step before the silent one is given up on a busy machine.
    if (Object.values(script).includes('silent')) socketTimeout = 2_000
  }

  return {
    hosts,
    heard: () => heard,
    play: async (answer) => {
      isWriting = answer !== 'nobody'
      url = answer === 'nobody' ? `http://127.0.0.1:${nobody}` : provider.url
      waitMs = answer === 'silent' ? 200 : patienceMs
      socketTimeout = patienceMs
      port = answer === 'nobody' ? nobody : mails.port
      if (answer === 'nobody') return
      if (typeof answer === 'object' && 'smtp' in answer) {
        if (Object.keys(answer.smtp).length > 0) await playScript(answer.smtp)
        return
      }
      provider.behave(({ path, body }) => {
        heard = withoutEscapes(`${path} ${body}`)
        const behaviour = typeof answer === 'function' ? answer(path) : answer
        if (typeof behaviour === 'string') return behaviour
        return { ...behaviour, headers: { 'retry-after': retryAfter, ...behaviour.headers } }
      })
    },
    nodemailer: {
      createTransport: () => ({
        sendMail: async (mail: Parameters<Transport['sendMail']>[0]) => {
          const auth = { user: 'otp', pass: 'password' }
          const taken = await transportTo(port, { auth, socketTimeout }).sendMail(mail)
          heard = mails.mails.at(-1) ?? ''
          return taken
        },
      }),
    },
    close: async () => {
      vi.unstubAllGlobals()
      vi.restoreAllMocks()
      await Promise.all([provider, mails, ...scripted].map((server) => server.close()))
    },
  }
}

function stepOf(reply: string): SmtpStep {
  if (reply === 'hang up') return (socket) => socket.destroy()
  return reply === 'silent' ? () => {} : reply
}

// A lone `%` in JSON is none of the escapes of forms and queries.
function withoutEscapes(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' ').replace(/%(?![0-9A-F]{2})/g, '%25'))
}
