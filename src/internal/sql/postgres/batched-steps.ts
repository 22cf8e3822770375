import type { OtpDatabase } from '../../../database'
import { batching } from '../../batches'
import type { PostgresClient, SqlRow } from '../client'
import { errorMember } from '../retry'
import type { PostgresOptions, SqlSettings } from '../settings'
import type { PostgresQuery } from './query'
import { beginStep, begunOf, postgresSteps, type Step, settledOf, settleStep } from './steps'

// More of them gain little, and each holds a lock for its recipient and its address.
const mostCalls = 32
const batchesAtOnce = 3

type Line = (step: Step) => Promise<SqlRow>

const lines = new WeakMap<PostgresClient, Map<string, Line>>()

/** `begin` and `settle`, which share a query with those that are under way on the same client. */
export function batchedSteps(
  client: PostgresClient,
  query: PostgresQuery,
  settings: SqlSettings,
  { prepare, timeoutMs, clock }: PostgresOptions,
): Pick<OtpDatabase, 'begin' | 'settle'> {
  const name = [settings.name('steps'), prepare, timeoutMs].join()
  const known = clock === undefined ? lines.get(client)?.get(name) : undefined
  const line = known ?? openLine(query, settings)
  if (clock === undefined) {
    lines.set(client, (lines.get(client) ?? new Map<string, Line>()).set(name, line))
  }
  return {
    begin: async (beginning) => {
      const step = beginStep(beginning)
      return begunOf(step, await line(step))
    },
    settle: async (submission) => {
      const step = settleStep(submission)
      return settledOf(step, await line(step))
    },
  }
}

function openLine(query: PostgresQuery, settings: SqlSettings): Line {
  const run = postgresSteps(query, settings)
  return batching({
    most: mostCalls,
    atOnce: batchesAtOnce,
    subjectOf: ({ asked, policy }) => (asked.keys[policy.keys[0] ?? 0] ?? '').slice(1),
    one: async (step) => {
      const [row] = await run([step])
      if (row === undefined) throw new Error('the client answered a call with no row')
      return row
    },
    many: run,
    isUndone,
  })
}

/**
 * Whether the server itself has refused a statement, and so rolled it back; the connection lives on.
 * Everything else may have happened: the connection was lost, or the client gave up.
 */
function isUndone(error: unknown): boolean {
  const code = errorMember(error, 'code')
  // EPIPE is no code of the server's: those have a digit.
  const isServers = typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code)
  return isServers && !/^(08|57P|58|XX)/.test(code)
}
