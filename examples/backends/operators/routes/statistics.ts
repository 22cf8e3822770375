import { z } from 'zod'
import type { Route } from '../../http/route'
import { nothing } from '../define-route'
import type { Parts } from '../parts'
import { enveloped } from '../views'

const count = z.number().int()

/** How registration goes, for administrators. */
export function statisticsRoutes({ accounts, statistics, adminRoute }: Parts): readonly Route[] {
  return [
    adminRoute({
      method: 'GET',
      path: '/admin/statistics',
      summary: 'Operators by status, and codes since the start of this process',
      tag: 'Decisions',
      body: nothing,
      query: nothing,
      answers: {
        200: {
          means: 'The counts',
          body: enveloped(
            z.object({
              operators: z.record(z.string(), count),
              codes: z.object({
                sent: count,
                verified: count,
                incorrect: count,
                refused: count,
                delivery_failed: count,
                success_rate: z.number().nullable(),
              }),
            }),
          ),
        },
      },
      handle: async () => ({
        code: 200,
        data: { operators: await accounts.countByStatus(), codes: statistics.codes() },
      }),
    }),
  ]
}
