import type { History } from 'otpkit'
import { createDashboard } from 'otpkit/dashboard'
import { administrator } from '../setup/dashboard'
import type { Otp } from './otp'
import type { Sessions } from './sessions'

/** `/admin/otp` for administrators. A browser that is not signed in is sent to where that is done. */
export function dashboardFor(otp: Otp, history: History, sessions: Sessions, now: () => Date) {
  const dashboard = createDashboard({
    otp,
    history,
    authorize: async (request) => ((await isAdmin(request)) ? administrator : false),
    clock: () => now().getTime(),
  })

  async function isAdmin({ method, headers }: Request): Promise<boolean> {
    const header = (name: string) => headers.get(name) ?? undefined
    const viewer = await sessions.viewerOf({ method: method, header }, 'admin')
    return 'role' in viewer && viewer.role === 'admin'
  }

  return async (request: Request): Promise<Response> => {
    const answer = await dashboard(request)
    const isPage = /^\/admin\/otp\/?$/.test(new URL(request.url).pathname)
    if (answer.status !== 403 || request.method !== 'GET' || !isPage) return answer
    return new Response(null, { status: 303, headers: { location: '/admin' } })
  }
}
