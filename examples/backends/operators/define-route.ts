import { z } from 'zod'
import {
  type About,
  type Call,
  type Method,
  type Refusal,
  type Route,
  read,
  type Upload,
} from '../http/route'
import type { Account, Accounts } from './accounts'
import { type Answer, toReply } from './answer'
import type { Sessions, Viewer } from './sessions'

interface Definition<Body, Query, Who> {
  readonly method: Method
  readonly path: string
  readonly summary: string
  readonly tag: string
  /** `nothing` where the route reads none. */
  readonly body: z.ZodType<Body>
  readonly query: z.ZodType<Query>
  readonly upload?: Upload
  readonly answers: About['answers']
  handle(call: Call<Body, Query>, who: Who): Promise<Answer>
}

/** Whatever is there is not looked at. */
export const nothing = z.unknown()

/** What a route that takes a code answers to a second submission of it, and to too many guesses. */
export const aboutUsedCode = {
  409: { means: 'The code was used already: whoever was let in by it goes on' },
  429: { means: 'Too many attempts: `Retry-After` says how many seconds to wait' },
}

/** An account that a request is about, and who asks. */
export interface Subject {
  readonly viewer: Viewer
  readonly account: Account
}

type Identify<Who> = (call: Call) => Promise<{ readonly who: Who } | Refusal>

const notYours: Refusal = { code: 403, message: 'This is not yours to see' }
export const notFound: Refusal = { code: 404, message: 'Not found' }
const notAdmin: Refusal = { code: 403, message: 'This is for administrators' }

function define<Body, Query, Who>(
  definition: Definition<Body, Query, Who>,
  identify: Identify<Who>,
  signedIn: boolean,
): Route {
  const { method, path, summary, tag, body, query, upload, answers, handle } = definition
  return {
    method,
    path,
    ...(upload && {
      upload,
      admit: async (call) => {
        const identified = await identify(call)
        return 'who' in identified ? undefined : toReply(identified, call.requestId)
      },
    }),
    about: {
      summary,
      tag,
      answers,
      signedIn,
      ...(body !== nothing && upload === undefined && { body }),
      ...(query !== nothing && { query }),
    },
    handle: async (call) => {
      const { requestId } = call
      // Who it is comes first: what is wrong with a request is told to those who may make it.
      const identified = await identify(call)
      if (!('who' in identified)) return toReply(identified, requestId)
      const bodyRead = await read(body, call.body)
      if (!bodyRead.ok) return toReply(bodyRead.refusal, requestId)
      const queryRead = await read(query, call.query)
      if (!queryRead.ok) return toReply(queryRead.refusal, requestId)
      const understood = { ...call, body: bodyRead.value, query: queryRead.value }
      return toReply(await handle(understood, identified.who), requestId)
    },
  }
}

/** A route for everybody. */
export function openRoute<Body, Query>(definition: Definition<Body, Query, null>): Route {
  return define(definition, async () => ({ who: null }), false)
}

export type SignedInRoutes = ReturnType<typeof signedInRoutes>

/** Routes for those who are signed in. */
export function signedInRoutes(sessions: Sessions, accounts: Accounts) {
  const admin: Identify<Viewer> = async (call) => {
    const viewer = await sessions.viewerOf(call, 'admin')
    if (!('role' in viewer)) return viewer
    return viewer.role === 'admin' ? { who: viewer } : notAdmin
  }

  const operator: Identify<Account> = async (call) => {
    const viewer = await sessions.viewerOf(call, 'operator')
    if (!('role' in viewer)) return viewer
    return viewer.role === 'operator' ? { who: viewer.account } : notYours
  }

  /** `:id` is the operator's own, or any for an administrator; `me` is the operator's own. */
  const subject: Identify<Subject> = async (call) => {
    const { id = '' } = call.parameters
    const viewer = await sessions.viewerOf(call, id === 'me' ? 'operator' : 'admin')
    if (!('role' in viewer)) return viewer
    if (viewer.role === 'operator') {
      const { account } = viewer
      const isOwn = id === 'me' || id === String(account.id)
      return isOwn ? { who: { viewer, account } } : notYours
    }
    const account = await accounts.byShownId(id)
    return account === undefined ? notFound : { who: { viewer, account } }
  }

  return {
    adminRoute: <Body, Query>(definition: Definition<Body, Query, Viewer>) =>
      define(definition, admin, true),
    operatorRoute: <Body, Query>(definition: Definition<Body, Query, Account>) =>
      define(definition, operator, true),
    subjectRoute: <Body, Query>(definition: Definition<Body, Query, Subject>) =>
      define(definition, subject, true),
  }
}
