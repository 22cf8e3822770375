import { isOtpError } from '../errors'
import { callerOf } from '../http/callers'
import { readBody } from '../internal/read-body'
import { about } from './about'
import { assets, html } from './assets'
import { comparison } from './comparison'
import { comparisonCsv } from './csv'
import type { DashboardData, Permission, RangedAnswer } from './data'
import { failures } from './failures'
import { readFeedQuery } from './feed'
import { funnel } from './funnel'
import { guard } from './guard'
import { money } from './money'
import { checkOptions, checkViewer, type DashboardOptions, type Viewer } from './options'
import { countsOf, inTime, type Looking } from './panel'
import { find, unlock } from './person'
import { type Asked, type Odd, readQuery } from './read-query'
import { refusals } from './refusals'
import { json, refuse, respond } from './respond'
import { summary } from './summary'
import { times } from './times'

/** What the handler is given behind the request. */
type Host = readonly unknown[]

// A recipient has at most 320 characters.
const mostBytes = 4 * 1024

/**
 * One handler of web-standard requests for a page that shows what a history knows: whether codes
 * arrive and are used, what fails and why, what it costs, and, to whom `authorize` permits it, what
 * happened to one person's codes.
 *
 * It is mounted with everything below its address, `/admin/otp` and `/admin/otp/…`, and needs the
 * whole path. It has no sign-in of its own: `authorize` asks yours, and there is no default. It reads
 * a history and decides nothing; a history that is down is told on the page alone.
 *
 * @throws `TypeError` that names the wrong option; from the handler when `authorize` returns what it
 * must not, when the body was read before, and whatever `authorize` throws.
 *
 * @example
 * ```ts
 * import type { History, OtpManager } from 'otpkit'
 * import { createDashboard } from 'otpkit/dashboard'
 *
 * declare const otp: OtpManager<'sms', 'login'>
 * declare const history: History
 * declare function adminOf(request: Request): Promise<{ readonly name: string } | null>
 *
 * export const dashboard = createDashboard({
 *   otp,
 *   history,
 *   authorize: async (request) => {
 *     const admin = await adminOf(request)
 *     return admin !== null && { name: admin.name, can: ['find', 'unlock'] }
 *   },
 * })
 * ```
 */
export function createDashboard<Host extends readonly unknown[]>(
  options: DashboardOptions<Host>,
): (request: Request, ...host: Host) => Promise<Response>
export function createDashboard(
  given: DashboardOptions<Host>,
): (request: Request, ...host: Host) => Promise<Response> {
  const options = checkOptions(given)
  const { history, authorize, prices, clock } = options

  /** A panel over the range and the filters of a request. */
  function ranged<Answered extends RangedAnswer>(
    panel: (looking: Looking, viewer: Required<Viewer>) => Promise<Answered>,
    answer: (answered: Answered) => Response = json,
  ) {
    return async (parameters: URLSearchParams, viewer: Required<Viewer>): Promise<Response> => {
      const now = Math.floor(clock())
      const asked = readQuery(parameters, now)
      if (isOdd(asked)) return refuse('invalid', asked)
      return answer(await panel(looking(asked, now), viewer))
    }
  }

  function looking(asked: Asked, now: number): Looking {
    const { where, ...range } = asked
    return { asked, now, counts: countsOf(history, range, where) }
  }

  type Panel = (parameters: URLSearchParams, viewer: Required<Viewer>) => Promise<Response>
  const providers = (of: Looking) => comparison(of, 'provider', prices)
  const countries = (of: Looking) => comparison(of, 'country', prices)
  const panels = {
    about: ranged((of, viewer) => about(of, viewer, options)),
    summary: async (parameters) => {
      const now = Math.floor(clock())
      const asked = readQuery(parameters, now)
      if (isOdd(asked)) return refuse('invalid', asked)
      return json(await summary(looking(asked, now)))
    },
    funnel: ranged(funnel),
    times: ranged(times),
    failures: ranged((of) => failures(of, history)),
    refusals: ranged(refusals),
    money: ranged((of) => money(of, prices)),
    providers: ranged(providers),
    countries: ranged(countries),
    guard: ranged((of) => guard(of, history)),
    feed: async (parameters) => {
      const query = readFeedQuery(parameters)
      if (isOdd(query)) return refuse('invalid', query)
      return json({ asOf: Math.floor(clock()), events: await history.events(query) })
    },
  } satisfies Readonly<Record<keyof DashboardData, Panel>>
  const data = new Map<string, Panel>([
    ...Object.entries(panels),
    ['providers.csv', ranged(providers, (answer) => comparisonCsv('providers', answer))],
    ['countries.csv', ranged(countries, (answer) => comparisonCsv('countries', answer))],
  ])
  const actions = new Map([
    ['find', find],
    ['unlock', unlock],
  ] as const)

  async function answerTo(request: Request, viewer: Required<Viewer>): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url)
    const [folder, name = ''] = pathname.split('/').slice(-2)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (folder === 'actions') {
      const action = isAction(name) ? actions.get(name) : undefined
      if (action === undefined || !isAction(name)) return refuse('not-found')
      if (request.method !== 'POST') return refuse('method-not-allowed', {}, { allow: 'POST' })
      if (!viewer.can.includes(name)) return refuse('forbidden')
      const body = await readBody('createDashboard', request, mostBytes)
      if (typeof body === 'number') return refuse(body === 413 ? 'too-large' : 'malformed')
      return action(request.headers, body, viewer, options)
    }
    if (!isRead) return refuse('method-not-allowed', {}, { allow: 'GET, HEAD' })
    if (folder === 'data') {
      const panel = data.get(name)
      return panel === undefined ? refuse('not-found') : readHistory(panel(searchParams, viewer))
    }
    if (folder === 'assets') return assetNamed(name, request.headers.get('if-none-match'))
    if (name === '') return respond(200, html, { 'content-type': 'text/html; charset=utf-8' })
    // The page's own addresses are relative, and so is this one: only the browser knows its whole.
    if (!name.includes('.')) return respond(308, null, { location: `./${name}/${search}` })
    return refuse('not-found')
  }

  /** What a fault of the history is answered with. */
  async function readHistory(answer: Promise<Response>): Promise<Response> {
    try {
      return await inTime(answer)
    } catch (error) {
      tellFault('the history cannot be read:', error)
      return refuse('history-unavailable', {}, { 'retry-after': '10' })
    }
  }

  const toldAt = new Map<string, number>()

  /** Says each once a minute: every open page asks for all panels again and again. */
  function tellFault(what: string, error: unknown): void {
    const now = clock()
    const last = toldAt.get(what)
    if (last !== undefined && now - last < 60_000 && now >= last) return
    toldAt.set(what, now)
    console.error('otpkit: createDashboard:', what, error)
  }

  return async (request, ...host) => {
    if (!callerOf(request, new Set()).isHeard && request.method !== 'GET')
      return refuse('cross-site')
    const viewer = checkViewer(await authorize(request, ...host))
    if (viewer === false) return refuse('signed-out')
    const answer = await answerTo(request, viewer).catch((error: unknown) => {
      if (!isOtpError(error)) throw error
      tellFault(error.code, error.cause)
      return refuse('unavailable', {}, { 'retry-after': '10' })
    })
    return request.method === 'HEAD' ? new Response(null, answer) : answer
  }
}

/** Something that the page is made of; its name changes with what it holds. */
function assetNamed(name: string, known: string | null): Response {
  const asset = assets.find((each) => each.name === name)
  if (asset === undefined) return refuse('not-found')
  const etag = `"${name}"`
  const headers = { etag, 'cache-control': 'private, max-age=31536000, immutable' }
  if (known === etag) return respond(304, null, headers)
  return respond(200, asset.body, { ...headers, 'content-type': asset.type })
}

const isAction = (name: string): name is Permission => name === 'find' || name === 'unlock'

const isOdd = (asked: object): asked is Odd => 'detail' in asked
