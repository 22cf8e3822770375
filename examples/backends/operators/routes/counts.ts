import { z } from 'zod'
import type { Route } from '../../http/route'
import { nothing } from '../define-route'
import type { Parts } from '../parts'
import { enveloped } from '../views'

/** How registration goes, for administrators. What happens to codes is at `/admin/otp`. */
export function countRoutes({ accounts, adminRoute }: Parts): readonly Route[] {
  return [
    adminRoute({
      method: 'GET',
      path: '/admin/operator-counts',
      summary: 'Operators by status',
      tag: 'Decisions',
      body: nothing,
      query: nothing,
      answers: {
        200: {
          means: 'The counts',
          body: enveloped(z.object({ operators: z.record(z.string(), z.number().int()) })),
        },
      },
      handle: async () => ({ code: 200, data: { operators: await accounts.countByStatus() } }),
    }),
  ]
}
