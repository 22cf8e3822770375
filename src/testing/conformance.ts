/** One rule of a contract, as data that any test runner can execute. */
export interface ConformanceCase {
  /** What must hold; the ids such as `S04` are those of the security guide. */
  readonly name: string
  /** Resolves when it holds and rejects with an `Error` that says what was seen instead. */
  run(): Promise<void>
}

/** What checks one rule against a fresh subject. */
export type Checks<Subject> = Readonly<Record<string, (subject: Subject) => Promise<void>>>

/** Turns checks into cases, each with a subject of its own. */
export function conformanceCases<Subject extends { close?(): Promise<void> | void }>(
  create: () => Promise<Subject>,
  ...checks: readonly Checks<Subject>[]
): readonly ConformanceCase[] {
  return checks
    .flatMap((group) => Object.entries(group))
    .map(([name, check]) => ({
      name,
      run: async () => {
        const subject = await create()
        try {
          await check(subject)
        } finally {
          await subject.close?.()
        }
      },
    }))
}

/** Fails the case unless the condition holds. */
export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}

/** Fails the case unless both values look the same; the order of their members does not matter. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [seen, wanted] = [show(actual), show(expected)]
  if (seen !== wanted) throw new Error(`${what}: expected ${wanted}, got ${seen}`)
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
  return text ?? String(value)
}

/** Lets other work go on by so many turns, so that calls meet each other at different points. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
}

/** So many times the same work, all started before any of it has ended. */
export function together<Result>(
  times: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => work(index)))
}
