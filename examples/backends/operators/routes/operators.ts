import { z } from 'zod'
import type { Reply, Route } from '../../http/route'
import type { Account } from '../accounts'
import { nothing, openRoute } from '../define-route'
import { duplicateAt } from '../duplicate'
import { noticeChannelOf, notifyOfContact } from '../notifier'
import type { Parts } from '../parts'
import { enveloped, operatorView, publicView, showOperator, showPublic } from '../views'

const tag = 'Operators'

/** Lists, details, and what operators may change about themselves. */
export function operatorRoutes(parts: Parts): readonly Route[] {
  const { accounts, prove, requests, notify, adminRoute, operatorRoute, subjectRoute } = parts
  const operator = enveloped(operatorView)

  return [
    openRoute({
      method: 'GET',
      path: '/operators/public',
      summary: 'List active operators',
      tag,
      body: nothing,
      query: requests.listPublic,
      answers: { 200: { means: 'One page of them', body: z.array(publicView) } },
      handle: async ({ query }) => {
        // Nobody else is public: any other status finds nothing.
        const { status = 'ACTIVE', ...page } = query
        if (status !== 'ACTIVE') return pageOf([], 0)
        const { accounts: found, total } = await accounts.list({ ...page, status })
        return pageOf(found.map(showPublic), total)
      },
    }),

    adminRoute({
      method: 'GET',
      path: '/operators/',
      summary: 'List all operators',
      tag,
      body: nothing,
      query: requests.list,
      answers: {
        200: {
          means: 'One page; `X-Total-Count` says how many there are',
          body: z.array(operatorView),
        },
      },
      handle: async ({ query }) => {
        const { accounts: found, total } = await accounts.list(query)
        return pageOf(found.map(showOperator), total)
      },
    }),

    subjectRoute({
      method: 'GET',
      path: '/operators/:id',
      summary: 'One operator: any for an administrator, else `me`',
      tag,
      body: nothing,
      query: nothing,
      answers: { 200: { means: 'The operator', body: operatorView } },
      handle: async (_call, { account }) => ({ status: 200, json: showOperator(account) }),
    }),

    subjectRoute({
      method: 'PATCH',
      path: '/operators/:id',
      summary: 'Change details of an operator',
      tag,
      body: requests.updateDetails,
      query: nothing,
      answers: { 200: { means: 'Changed', body: operator } },
      handle: async ({ body }, { account }) => {
        const written = await accounts.update(account.id, body)
        return written.ok
          ? { code: 200, data: showOperator(written.account) }
          : duplicateAt(written.duplicate, written.duplicate)
      },
    }),

    operatorRoute({
      method: 'POST',
      path: '/operators/me/contacts',
      summary: 'Prove a second contact, with a code for `operator_registration`',
      tag,
      body: requests.addContact,
      query: nothing,
      answers: {
        200: { means: 'Proven: it can be signed in with', body: operator },
        409: { means: 'The code was used already, or another contact is proven' },
      },
      handle: async ({ body, ip }, account) => {
        const { contact, contact_type, otp: code } = body
        // Whoever holds a session must not walk away with the account: S22.
        if (isProven(account, contact_type === 'email')) {
          const message = 'A verified contact can only be replaced by support'
          return { code: 409, message, errors: [{ field: 'contact', message }] }
        }
        const proven = await prove.useOrRedeem({ contact, code, ip, field: 'contact' })
        if (!proven.ok) return proven.refusal
        const written = await accounts.verifyContact(account.id, {
          notice_channel: noticeChannelOf(contact_type),
          ...(contact_type === 'email'
            ? { email: proven.contact, email_verified: 1 }
            : { phone: proven.contact, phone_verified: 1 }),
        })
        if (!written.ok) return duplicateAt(written.duplicate, 'contact')
        notifyOfContact(notify, account)
        return { code: 200, data: showOperator(written.account) }
      },
    }),
  ]
}

function isProven(account: Account, email: boolean): boolean {
  return (email ? account.email_verified : account.phone_verified) === 1
}

function pageOf(operators: readonly unknown[], total: number): Reply {
  return { status: 200, headers: { 'X-Total-Count': String(total) }, json: operators }
}
