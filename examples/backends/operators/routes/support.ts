import { z } from 'zod'
import { otpRefusal } from '../../accounts/otp-refusal'
import type { Route } from '../../http/route'
import { nothing } from '../define-route'
import type { Parts } from '../parts'
import { enveloped } from '../views'

const limit = z.object({
  limit: z.string(),
  max: z.number(),
  used: z.number(),
  retry_after_seconds: z.number().int(),
})

/** Why somebody did not get a code, for administrators. */
export function supportRoutes({ otp, history, requests, adminRoute }: Parts): readonly Route[] {
  return [
    adminRoute({
      method: 'POST',
      path: '/admin/why-no-code',
      summary:
        'What happened to the codes of a contact, and what stands in the way of the next one',
      tag: 'Decisions',
      // In the body: addresses of requests end in the logs of proxies.
      body: requests.support,
      query: nothing,
      answers: {
        200: {
          means: 'Masked, the newest event first',
          body: enveloped(
            z.object({
              recipient: z.string(),
              events: z.array(z.looseObject({ type: z.string(), at: z.string() })),
              next: z.object({
                carried_by: z.array(z.string()),
                locked: z.boolean(),
                failures: z.number().int(),
                refused_by: z.array(limit),
              }),
            }),
          ),
        },
      },
      handle: async ({ body }) => {
        const { contact: to, contact_type: channel, purpose, before } = body
        // The address that asked is support's, and no limit of the customer's.
        const explained = await otp.explain({ to, channel, purpose, ip: null })
        if (!explained.ok) return otpRefusal(explained, 'contact')
        const { recipient, fingerprint, routes, lockedForMs, failures, send } = explained
        const events = await history.events({
          fingerprint,
          ...(before !== undefined && { before: Date.parse(before) }),
        })
        return {
          code: 200,
          data: {
            recipient,
            events: events.map(({ fingerprint: _, at, ...event }) => ({
              at: new Date(at).toISOString(),
              ...event,
            })),
            next: {
              carried_by: routes.map(({ provider }) => provider),
              locked: lockedForMs > 0,
              failures,
              refused_by: send
                .filter(({ retryAfterMs }) => retryAfterMs > 0)
                .map(({ limit, max, used, retryAfterMs }) => ({
                  limit,
                  max,
                  used,
                  retry_after_seconds: Math.ceil(retryAfterMs / 1000),
                })),
            },
          },
        }
      },
    }),
  ]
}
