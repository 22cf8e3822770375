import type { Begun, OtpDatabase, Settled } from '../../../database'
import { newChallenge, repeated } from '../challenges'
import { decide } from '../charge-rows'
import type { MysqlClient, MysqlConnection } from '../client'
import { type Asking, conclude, decideBeginning, policyRequests, weigh } from '../policies'
import { keysInOrder } from '../requests'
import type { SqlSettings } from '../settings'
import { mysqlChallengeRows, mysqlChallenges } from './challenges'
import { emptyLogs, mysqlChargeRows, mysqlCharges, readLocked } from './charges'
import { begin, transaction } from './connection'

/**
 * Both in MySQL or MariaDB, where `begin` and `settle` are a transaction each. Whoever locks rows of
 * both tables locks the charges first, in the order of their keys, and then the challenge.
 */
export function mysqlDatabase(client: MysqlClient, settings: SqlSettings): OtpDatabase {
  const challenges = mysqlChallengeRows(settings)
  const charges = mysqlChargeRows(settings)

  // Under a flood most calls are refused, which a look without locks can tell. At other times it would be two
  // more trips for nothing.
  let isRefusing = false

  /** A refusal that is seen without locks, which is looked for once a call was refused. */
  async function refusalOf(connection: MysqlConnection, asking: Asking) {
    if (!isRefusing) return null
    const { logs, now } = await charges.read(connection, asking.keys)
    const { taken } = decide(policyRequests(asking, logs, now), logs, now)
    if (!taken.ok) return taken
    await begin(connection)
    return null
  }

  return {
    ...mysqlChallenges(client, settings),
    ...mysqlCharges(client, settings),

    begin: (beginning) =>
      transaction<Begun>(client, async (connection) => {
        const { challenge } = beginning
        const refusal = await refusalOf(connection, beginning)
        if (refusal !== null) {
          return { result: { taken: refusal, standing: null, put: false }, commit: false }
        }
        const keys = keysInOrder(beginning.keys)
        await charges.lock(connection, keys)
        await challenges.lock(connection, challenge.id)
        const found = await challenges.read(connection, challenge.id, 'locked')
        if (found === null) throw new Error('the client answered a query with too few rows')
        // Read last, so that the present is one that begins after all waiting.
        const { logs, now } = await readLocked(charges, connection, keys)
        const { begun, changed } = decideBeginning(beginning, logs, found.challenge, now)
        isRefusing = !begun.taken.ok
        if (isRefusing) return { result: begun, commit: false }
        await charges.keep(connection, new Map([...emptyLogs(logs), ...changed]))
        if (begun.put) await challenges.keep(connection, newChallenge(challenge, now))
        else await challenges.unlock(connection, challenge.id)
        return { result: begun, commit: true }
      }),

    settle: (submission) =>
      transaction<Settled>(client, async (connection) => {
        const { id, call } = submission
        const refusal = await refusalOf(connection, submission)
        if (refusal !== null) {
          const seen = await challenges.read(connection, id)
          const isRepeated = seen !== null && repeated(seen.challenge, call, seen.now) !== null
          if (!isRepeated) return { result: { taken: refusal }, commit: false }
          await begin(connection)
        }
        const keys = keysInOrder(submission.keys)
        await charges.lock(connection, keys)
        const challenge = (await challenges.read(connection, id, 'locked'))?.challenge ?? null
        const { logs, now } = await readLocked(charges, connection, keys)
        const weighed = weigh(submission, logs, challenge, now)
        if (weighed.settled !== null) {
          const { settled, changed } = weighed
          isRefusing = !settled.taken.ok
          const written = new Map([...emptyLogs(logs), ...changed])
          if (changed.size > 0) await charges.keep(connection, written)
          return { result: settled, commit: changed.size > 0 }
        }
        // What could not be charged must not be compared.
        await charges.keep(connection, weighed.changed)
        await challenges.keep(connection, weighed.challenge)
        const { settled, changed, consumed } = conclude(submission, weighed, logs, now)
        const unused = [...emptyLogs(logs)].filter(([key]) => !weighed.changed.has(key))
        await charges.keep(connection, new Map([...unused, ...changed]))
        if (consumed !== null) await challenges.keep(connection, consumed)
        isRefusing = false
        return { result: settled, commit: true }
      }),
  }
}
