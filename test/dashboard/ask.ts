import { type History, OtpManager } from 'otpkit'
import { createDashboard, type DashboardOptions, type Permission } from 'otpkit/dashboard'
import { memory } from 'otpkit/databases/memory'
import { memoryHistory } from 'otpkit/histories/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { secret } from '../fixture'

type Handler = (request: Request) => Promise<Response>

export const origin = 'https://shop.example'

/** Asks a dashboard that is mounted at `/admin/otp`. */
export const asking =
  (handler: Handler) =>
  (path: string, init: RequestInit = {}): Promise<Response> =>
    handler(new Request(`${origin}/admin/otp/${path}`, init))

/** A panel's answer. */
export async function read<Answer>(handler: Handler, path: string): Promise<Answer> {
  const answer = await asking(handler)(`data/${path}`)
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
  return answer.json()
}

export function post(
  handler: Handler,
  action: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return asking(handler)(`actions/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** A manager with a history, and a dashboard that anybody may look at. */
export function openDashboard(
  can: readonly Permission[] = ['find', 'unlock'],
  more: Partial<DashboardOptions<[]>> & { readonly history?: History } = {},
) {
  const clock = testClock()
  const sms = capturedDelivery({ name: 'acme', reaches: ['phone'] })
  const otp = new OtpManager({
    secret,
    clock: clock.now,
    database: memory({ clock: clock.now }),
    deliveries: { sms },
    countries: ['IN'],
    purposes: ['login', 'signup'],
  })
  const history = more.history ?? memoryHistory({ clock: clock.now })
  otp.subscribe(history.record)
  const authorize = () => ({ name: 'ada', can })
  const dashboard = createDashboard({ otp, authorize, clock: clock.now, ...more, history })
  return { otp, sms, clock, history, dashboard, ask: asking(dashboard) }
}
