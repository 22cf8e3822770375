import { z } from 'zod'
import type { Route } from '../../http/route'
import { nothing } from '../define-route'
import type { Parts } from '../parts'
import { codeStatistics, statisticsDays } from '../statistics'
import { enveloped } from '../views'

const count = z.number().int()

/** How registration goes, for administrators. */
export function statisticsRoutes({ accounts, history, now, adminRoute }: Parts): readonly Route[] {
  return [
    adminRoute({
      method: 'GET',
      path: '/admin/statistics',
      summary: `Operators by status, and codes of the last ${statisticsDays} days`,
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
                delivered: count,
                undelivered: count,
                verified: count,
                incorrect: count,
                refused: count,
                delivery_failed: count,
                not_noted: count,
                success_rate: z.number().nullable(),
              }),
            }),
          ),
        },
      },
      handle: async () => ({
        code: 200,
        data: {
          operators: await accounts.countByStatus(),
          codes: await codeStatistics(history, now().getTime()),
        },
      }),
    }),
  ]
}
