import type { Call, Route } from '../../http/route'
import type { Answer } from '../answer'
import { notFound, nothing } from '../define-route'
import type { Parts } from '../parts'
import type { Status } from '../tables'
import { enveloped, operatorView, showOperator } from '../views'

interface Decision {
  readonly from: readonly Status[]
  readonly to: Status
  readonly subject: string
  readonly text: string
}

const answers = {
  200: { means: 'Decided, and the operator is told', body: enveloped(operatorView) },
  409: { means: 'The operator is in a state that this cannot follow' },
}

/** What administrators decide about an operator, who is told of it. */
export function decisionRoutes({
  accounts,
  requests,
  notify,
  adminRoute,
}: Parts): readonly Route[] {
  async function decide(call: Call, { from, to, subject, text }: Decision): Promise<Answer> {
    const { id = '' } = call.parameters
    const account = await accounts.byShownId(id)
    if (account === undefined) return notFound
    // One statement decides, so that of two administrators who disagree one is told so.
    const isDecided = await accounts.setStatus(account.id, from, to)
    const current = (await accounts.byId(account.id)) ?? account
    if (!isDecided) {
      return { code: 409, message: `An operator that is ${current.status} cannot become ${to}` }
    }
    notify(current, subject, text)
    return { code: 200, data: showOperator(current) }
  }

  const common = { method: 'POST', tag: 'Decisions', query: nothing, answers } as const
  return [
    adminRoute({
      ...common,
      path: '/operators/:id/activate',
      summary: 'Approve an operator, or end a suspension',
      body: requests.approve,
      handle: (call) =>
        decide(call, {
          from: ['PENDING', 'SUSPENDED', 'REJECTED'],
          to: 'ACTIVE',
          subject: 'Your account is active',
          text: 'Your registration was approved. You can sign in and are listed now.',
        }),
    }),
    adminRoute({
      ...common,
      path: '/operators/:id/suspend',
      summary: 'Suspend an operator, which ends every session',
      body: requests.decide,
      handle: (call) =>
        decide(call, {
          from: ['PENDING', 'ACTIVE'],
          to: 'SUSPENDED',
          subject: 'Your account is suspended',
          text: `Your account is suspended. Reason: ${call.body.reason}`,
        }),
    }),
    adminRoute({
      ...common,
      path: '/operators/:id/reject',
      summary: 'Reject a registration',
      body: requests.decide,
      handle: (call) =>
        decide(call, {
          from: ['PENDING'],
          to: 'REJECTED',
          subject: 'Your registration was rejected',
          text: `Your registration was rejected. Reason: ${call.body.reason}`,
        }),
    }),
  ]
}
