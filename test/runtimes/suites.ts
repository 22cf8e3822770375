import { type Outcome, runTests } from './vitest'

// The tests that run on every runtime, by what they need of it. Loaded when they are run: some
// runtimes draw no random numbers before the first request.

type Files = Readonly<Record<string, () => Promise<unknown>>>

/** Need nothing but web standards. */
export const standard: Files = {
  'core/bindings': () => import('../core/bindings.test'),
  'core/challenge': () => import('../core/challenge.test'),
  'core/labels': () => import('../core/labels.test'),
  'core/proof': () => import('../core/proof.test'),
  'core/recipient-method': () => import('../core/recipient-method.test'),
  'core/resend': () => import('../core/resend.test'),
  'core/send': () => import('../core/send.test'),
  'core/verify': () => import('../core/verify.test'),
  'core/windows': () => import('../core/windows.test'),
  'databases/memory': () => import('../databases/memory.test'),
  'stores/memory': () => import('../stores/memory.test'),
  'rate-limiters/memory': () => import('../rate-limiters/memory.test'),
  'http/everywhere': () => import('../http/everywhere.test'),
  'input/phone': () => import('../input/phone.test'),
  'message/built-in': () => import('../message/built-in.test'),
  'message/html': () => import('../message/html.test'),
  'message/render': () => import('../message/render.test'),
  'message/segments': () => import('../message/segments.test'),
  'receipts/unsigned': () => import('../receipts/unsigned.test'),
}

/** The promises under races, far from their place: they take as long as the rest. */
export const races: Files = {
  'promises/memory': () => import('../promises/memory.test'),
}

/** Need `node:crypto` beside the library, which is not what they test. */
export const signatures: Files = {
  'core/derivations': () => import('../core/derivations.test'),
  'receipts/messagebird': () => import('../receipts/messagebird.test'),
  'receipts/plivo': () => import('../receipts/plivo.test'),
  'receipts/resend': () => import('../receipts/resend.test'),
  'receipts/sendgrid': () => import('../receipts/sendgrid.test'),
  'receipts/sinch': () => import('../receipts/sinch.test'),
  'receipts/telegram': () => import('../receipts/telegram.test'),
  'receipts/twilio': () => import('../receipts/twilio.test'),
  'receipts/vonage': () => import('../receipts/vonage.test'),
  'receipts/vonage-messages': () => import('../receipts/vonage-messages.test'),
  'receipts/whatsapp': () => import('../receipts/whatsapp.test'),
}

/** Play the provider themselves, and so need a server. All adapters share one client of HTTP. */
export const providers: Files = {
  'deliveries/by-country': () => import('../deliveries/by-country.test'),
  'deliveries/by-prefix': () => import('../deliveries/by-prefix.test'),
  'deliveries/console': () => import('../deliveries/console.test'),
  'deliveries/fallback': () => import('../deliveries/fallback.test'),
  'deliveries/resend': () => import('../deliveries/resend.test'),
  'deliveries/ses': () => import('../deliveries/ses.test'),
  'deliveries/twilio': () => import('../deliveries/twilio.test'),
  'deliveries/webhook': () => import('../deliveries/webhook.test'),
}

/** Need TCP, a client of Node's and the run's servers. */
export const databases: Files = {
  redis: () => import('./redis-kit'),
  postgres: () => import('./postgres-kit'),
}

/** Runs these files, one after another. */
export async function runSuites(files: Files): Promise<Readonly<Record<string, Outcome>>> {
  const outcomes: Record<string, Outcome> = {}
  for (const [name, load] of Object.entries(files)) outcomes[name] = await runTests(load)
  return outcomes
}
