const turns = new WeakMap<object, Promise<unknown>>()

/**
 * Runs work when all earlier work on this connection has ended, whoever asked for it: on one
 * connection the statements of two transactions must not mix.
 */
export function inTurn<Result>(connection: object, work: () => Promise<Result>): Promise<Result> {
  const turn = (turns.get(connection) ?? Promise.resolve()).then(work, work)
  turns.set(connection, turn)
  return turn
}
