import { createServer, type Server } from 'node:http'
import type { History, HistoryEvent } from 'otpkit'
import { createDashboard, type Permission } from 'otpkit/dashboard'
import { memoryHistory } from 'otpkit/histories/memory'
import { toNodeHandler } from 'otpkit/http'
import { createFixture, noLimits } from '../fixture'

export const hourMs = 3_600_000

/** A manager whose events go into the history of a dashboard that is served at `url`. */
export async function serveDashboard(can: readonly Permission[] = ['find', 'unlock']) {
  const fixture = createFixture({
    purposes: {
      // Of the limits only the wait between messages stands, so that the run is refused where it means to be.
      login: { limits: { ...noLimits, cooldown: '30s' } },
      signup: { limits: noLimits },
    },
  })
  const { otp, clock } = fixture
  // Far from the borders of hours, whichever zone the browser lives in.
  clock.advance(hourMs - (clock.now() % hourMs) + 20 * 60_000)
  const kept = memoryHistory({ clock: clock.now })
  otp.subscribe(kept.record)
  const down = { history: false }
  const isDown = () => Promise.reject(new Error('history is down'))
  const history: History = {
    ...kept,
    counts: (query) => (down.history ? isDown() : kept.counts(query)),
    events: (query) => (down.history ? isDown() : kept.events(query)),
  }
  const viewer = { name: 'asha@example.com', can, isSignedIn: true }
  const handler = createDashboard({
    otp,
    history,
    clock: clock.now,
    authorize: () => viewer.isSignedIn && { name: viewer.name, can: viewer.can },
  })
  const { port, close } = await listen(createServer(toNodeHandler(handler)))
  const origin = `http://127.0.0.1:${port}`
  return {
    ...fixture,
    history,
    down,
    viewer,
    origin,
    url: `${origin}/admin/otp/`,
    /** An event as it might come from a history that somebody else wrote to. */
    plant: (event: HistoryEvent) => kept.record(event),
    close,
  }
}

export type Dashboard = Awaited<ReturnType<typeof serveDashboard>>

/** Listens on a free port of this machine. */
export async function listen(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { port: address.port, close }
}
