import { isDeepStrictEqual } from 'node:util'
import type { OtpDatabase } from 'otpkit'

/** A database that is asked what another one is asked. */
export interface Asked {
  readonly name: string
  readonly database: OtpDatabase
}

type Method = keyof OtpDatabase

/**
 * A database that answers as the first one, and asks the others the same, one call after another; and
 * what they have answered differently, once all of that is over.
 */
export function askingAll(first: OtpDatabase, others: readonly Asked[]) {
  const found: string[] = []
  /** The names that the others have given to charges of the first one. */
  const charges = others.map(() => new Map<string, string>())
  let queue: Promise<unknown> = Promise.resolve()

  const ask = async <Answer>(
    method: Method,
    call: (database: OtpDatabase, name: Renaming) => Promise<Answer>,
  ) => {
    const answers = await Promise.all([
      call(first, (charge) => charge),
      ...others.map(({ database }, place) =>
        call(database, (charge) => charges[place]?.get(charge) ?? charge),
      ),
    ])
    const [expected, ...said] = answers
    for (const [place, answer] of said.entries()) {
      const [own, theirs] = [chargeIn(expected), chargeIn(answer)]
      if (own !== undefined && theirs !== undefined) charges[place]?.set(own, theirs)
      if (isDeepStrictEqual(plain(answer), plain(expected))) continue
      const texts = [plain(answer), plain(expected)].map((one) => JSON.stringify(one))
      found.push(`${others[place]?.name}: ${method} answers ${texts.join(' in place of ')}`)
    }
    return answers[0]
  }
  const inTurn = <Answer>(
    method: Method,
    call: (database: OtpDatabase, name: Renaming) => Promise<Answer>,
  ): Promise<Answer> => {
    const answer = queue.then(() => ask(method, call))
    queue = answer.catch(() => {})
    return answer
  }
  const database: OtpDatabase = {
    put: (challenge) => inTurn('put', (one) => one.put(challenge)),
    get: (id) => inTurn('get', (one) => one.get(id)),
    attempt: (id, digests) => inTurn('attempt', (one) => one.attempt(id, digests)),
    delete: (id, digest) => inTurn('delete', (one) => one.delete(id, digest)),
    take: (limits) => inTurn('take', (one) => one.take(limits)),
    refund: (keys, charge) => inTurn('refund', (one, name) => one.refund(keys, name(charge))),
    clear: (keys, newest) => inTurn('clear', (one) => one.clear(keys, newest)),
    begin: (beginning) => inTurn('begin', (one) => one.begin(beginning)),
    settle: (submission) => inTurn('settle', (one) => one.settle(submission)),
  }
  return {
    database,
    differences: async () => {
      await queue
      return found
    },
  }
}

type Renaming = (charge: string) => string

/** What a call was charged under. */
function chargeIn(answer: unknown): string | undefined {
  const { taken = answer } = Object(answer)
  const charge: unknown = Reflect.get(Object(taken), 'charge')
  return typeof charge === 'string' ? charge : undefined
}

/** Without names of charges, and of limits that make wait equally long. */
function plain(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer
  const { charge: _, index: __, taken, ...rest } = Object(answer)
  return taken === undefined ? rest : { ...rest, taken: plain(taken) }
}
