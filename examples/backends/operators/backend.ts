import type { Kysely } from 'kysely'
import type { History } from 'otpkit'
import { type CreateReceiptsOptions, createReceipts } from 'otpkit/receipts'
import { createAttemptLimits } from '../accounts/attempt-limits'
import { contactReader } from '../accounts/contact'
import { logOtpEvents } from '../accounts/log-otp-events'
import { docsRoutes } from '../http/docs-page'
import type { Log } from '../http/log'
import { dashboardPath, healthRoute, redirect, type Site } from '../http/site'
import { backgroundWork } from '../setup/background-work'
import { numberToTry } from '../setup/countries'
import { createMetrics } from '../setup/metrics'
import { createAccounts } from './accounts'
import { refusalView, refuse } from './answer'
import { dashboardFor } from './dashboard'
import { signedInRoutes } from './define-route'
import { createDocuments } from './documents'
import { keptProofs } from './kept-proofs'
import { type Carriers, createNotify } from './notifier'
import { channels, createOtp, type OtpParts } from './otp'
import { notFoundPage, pageRoutes } from './pages/pages'
import type { Parts } from './parts'
import { createProve } from './prove'
import { createRequests } from './requests'
import { codeRoutes } from './routes/codes'
import { countRoutes } from './routes/counts'
import { decisionRoutes } from './routes/decisions'
import { documentRoutes } from './routes/documents'
import { operatorRoutes } from './routes/operators'
import { registrationRoutes } from './routes/registration'
import { sessionRoutes } from './routes/sessions'
import { supportRoutes } from './routes/support'
import { userRoutes } from './routes/users'
import { createSessions } from './sessions'
import { createSignIn } from './sign-in'
import type { Tables } from './tables'

export interface BackendParts {
  /** Everything of the library's; `background` is this backend's own. */
  readonly otp: Omit<OtpParts, 'background'>
  readonly database: Kysely<Tables>
  /** What happened to codes. */
  readonly history: History
  /** How providers report what became of messages, if they can. */
  readonly receipts?: CreateReceiptsOptions | undefined
  readonly documentsFolder: string
  /** Who carries notices, by channel. */
  readonly carriers: Carriers
  readonly adminToken: string
  /** Opens `/metrics`. */
  readonly metricsToken: string
  readonly secureCookies: boolean
  readonly trustedProxies: number
  readonly log: Log
  /** For tests. */
  readonly now?: () => Date
}

/** Routes that any web framework can serve, and what they leave to do after an answer. */
export interface Backend extends Site {
  /** Once every message that was promised is sent, or has failed. */
  settled(): Promise<void>
}

/** The whole backend, put together. */
export function createBackend(parts: BackendParts): Backend {
  const { database, history, log, trustedProxies, now = () => new Date() } = parts
  const { secret, database: codes, deliveries } = parts.otp
  const configured = channels.filter((channel) => deliveries[channel] !== undefined)

  const { background, settled } = backgroundWork()
  const otp = createOtp(parts.otp)
  const quietOtp = createOtp({ ...parts.otp, background })
  const metrics = createMetrics(parts.metricsToken)
  for (const manager of [otp, quietOtp]) {
    logOtpEvents(manager, log)
    manager.subscribe(history.record)
    manager.subscribe(metrics.listener)
  }

  const readContact = contactReader(otp)
  const accounts = createAccounts(database, now)
  const attempts = createAttemptLimits(codes, secret)
  const prove = createProve(otp, keptProofs(codes, secret, log))
  const sessions = createSessions({ ...parts, secret, accounts, now })
  const contactIn = async (typed: string) => {
    const read = await otp.recipient(typed)
    return read.ok ? read.recipient : undefined
  }
  const all: Parts = {
    otp,
    quietOtp,
    prove,
    accounts,
    attempts,
    sessions,
    documents: createDocuments(database, parts.documentsFolder, now),
    requests: createRequests(readContact, configured, numberToTry(parts.otp.countries)),
    signIn: createSignIn(accounts, prove, attempts, contactIn),
    history,
    now,
    notify: createNotify(parts.carriers, log, background),
    phoneChannels: (['sms', 'whatsapp'] as const).filter((name) => configured.includes(name)),
    ...signedInRoutes(sessions, accounts),
  }
  const api = [
    ...codeRoutes(all),
    ...registrationRoutes(all),
    ...sessionRoutes(all),
    ...operatorRoutes(all),
    ...decisionRoutes(all),
    ...documentRoutes(all),
    ...countRoutes(all),
    ...supportRoutes(all),
    ...userRoutes(all),
  ]
  const shown = {
    accountOf: sessions.accountOf,
    isAdmin: sessions.isAdmin,
    countries: parts.otp.countries,
    channels: configured,
    isDevelopment: parts.otp.exposeCode === true,
  }
  // Where codes were counted before.
  const others = [metrics.route, redirect('/admin/statistics', dashboardPath)]
  const about = {
    title: 'Bus operators',
    version: '1.0.0',
    description: 'Registration of bus operators by one-time codes, and what follows it.',
    signIn: 'What a log-in answers with as `access_token` or `access`, or the ADMIN_TOKEN.',
    refusal: refusalView,
    pathExamples: { id: '1' },
  }
  return {
    routes: [healthRoute, ...api, ...docsRoutes(api, about), ...pageRoutes(shown), ...others],
    notFoundPage: notFoundPage(shown),
    refuse,
    log,
    trustedProxies,
    receipts: parts.receipts && createReceipts(otp, parts.receipts),
    dashboard: dashboardFor(otp, history, sessions, now),
    settled,
  }
}
