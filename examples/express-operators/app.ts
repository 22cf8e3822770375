import { randomUUID } from 'node:crypto'
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from 'express'
import { isOtpError } from 'otpkit'
import { type Answer, envelope, invalidFields, type Refusal } from './operators/answer'
import { describeFault, type Log } from './operators/fault-log'
import type { Registration } from './operators/registration'
import { servePage } from './page'

export interface AppParts {
  readonly registration: Registration
  readonly log: Log
  /** How many proxies stand in front and may say where a request came from. */
  readonly trustedProxies: number
}

/** The Express app, not yet listening. */
export function createApp({ registration, log, trustedProxies }: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', trustedProxies === 0 ? false : trustedProxies)

  app.use((_request, response, next) => {
    response.locals.requestId = randomUUID()
    response.set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    next()
  })
  app.get('/', servePage)
  app.get('/healthz', (_request, response) => {
    send(response, { code: 200, data: { healthy: true } })
  })

  app.use(express.json({ limit: '16kb' }))
  const post = (path: string, handle: Registration[keyof Registration]) =>
    app.post(path, async (request: Request, response: Response) => {
      send(response, await handle(request.body, request.ip ?? null))
    })
  post('/auth/send-otp', registration.sendOtp)
  post('/auth/verify-otp', registration.verifyOtp)
  post('/operators/register', registration.registerOperator)

  app.use((_request, response) => {
    send(response, { code: 404, message: 'Not found' })
  })

  const onError: ErrorRequestHandler = (error, request, response, next) => {
    const unreadable = refusalOfBody(error)
    if (unreadable) return send(response, unreadable)
    const { requestId } = response.locals
    log({ level: 'error', requestId, method: request.method, fault: describeFault(error) })
    if (response.headersSent) return next(error)
    send(response, { code: isOtpError(error) ? 503 : 500, message: 'Try again later' })
  }
  app.use(onError)
  return app
}

function send(response: Response, answer: Answer): void {
  if ('retryAfterSeconds' in answer && answer.retryAfterSeconds !== undefined) {
    response.set('Retry-After', String(answer.retryAfterSeconds))
  }
  response.status(answer.code).json(envelope(answer, response.locals.requestId))
}

/** What Express and its body parser refuse carries a status; its text may quote the body. */
function refusalOfBody(error: unknown): Refusal | null {
  const status = error instanceof Error ? Reflect.get(error, 'status') : undefined
  if (typeof status !== 'number' || status < 400 || status > 499) return null
  if (status === 413) return { code: 413, message: 'The request body is over 16 kB' }
  if (status === 415) return { code: 415, message: 'The request body must be JSON in UTF-8' }
  return invalidFields([{ field: 'body', message: 'Must be well-formed JSON' }])
}
