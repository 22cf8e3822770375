import { createServer, type Server, type Socket } from 'node:net'
import nodemailer from 'nodemailer'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export const smtpPassword = 'pa55word-of-the-relay'

/** A transport with short timeouts, as the docs advise. */
export function transportTo(port: number, more: object = {}) {
  return nodemailer.createTransport({
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 5_000,
    ...more,
  })
}

/** A real SMTP server that keeps what it is told, down to the commands as they arrived. */
export async function startSmtpServer(options: SMTPServerOptions = {}) {
  const mails: string[] = []
  const commands: string[] = []
  let connections = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    onData(stream, _session, callback) {
      let text = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        text += chunk
      })
      stream.on('end', () => {
        mails.push(text)
        callback()
      })
    },
    ...options,
  })
  // Provoked on purpose by the tests that break a connection.
  server.on('error', () => {})
  server.server.on('connection', (socket: Socket) => {
    connections += 1
    socket.on('data', (chunk) => {
      commands.push(...chunk.toString('utf8').split('\r\n'))
    })
  })
  const port = await listen(server.server)
  return {
    port,
    mails,
    commands,
    connections: () => connections,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}

/** What a scripted server does with a command. */
export type SmtpStep = string | ((socket: Socket) => void)

/** A server that plays a script: what to do on each command, `.` being the end of the mail. */
export async function startScriptedServer(script: Readonly<Record<string, SmtpStep>>) {
  const steps: Readonly<Record<string, SmtpStep>> = {
    connect: '220 ready',
    EHLO: '250 hello',
    MAIL: '250 ok',
    RCPT: '250 ok',
    DATA: '354 go on',
    '.': '250 queued',
    QUIT: '221 bye',
    ...script,
  }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    const act = (name: string) => {
      const step = steps[name]
      if (typeof step === 'string') socket.write(`${step}\r\n`)
      else step?.(socket)
    }
    let rest = ''
    let inMail = false
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (inMail && line !== '.') continue
        const name = line === '.' ? '.' : line.slice(0, 4).toUpperCase()
        inMail = name === 'DATA' && String(steps.DATA).startsWith('354')
        act(name)
      }
    })
    act('connect')
  })
  const port = await listen(server)
  return {
    port,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
    })
  })
}
