import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
} from '@vitest/expect'
import { fn, restoreAllMocks, spyOn } from '@vitest/spy'

// What tests import as `vitest` where vitest itself does not run: the same `expect`, and as much of
// the rest as the chosen test files use.

type Work = () => unknown
interface Group {
  readonly name: string
  readonly parent: Group | null
  readonly beforeAll: Work[]
  readonly beforeEach: Work[]
  readonly afterEach: Work[]
  readonly afterAll: Work[]
  readonly members: (Group | Test)[]
}
interface Test {
  readonly name: string
  readonly work: Work
}

let current = createGroup('', null)

function createGroup(name: string, parent: Group | null): Group {
  return { name, parent, beforeAll: [], beforeEach: [], afterEach: [], afterAll: [], members: [] }
}

function addGroup(name: string, body: Work): void {
  const parent = current
  current = createGroup(name, parent)
  parent.members.push(current)
  try {
    body()
  } finally {
    current = parent
  }
}

function addTest(name: string, work: Work): void {
  current.members.push({ name, work })
}

/** `.each` as vitest has it: where the first row is a list, each row's members are handed over. */
function withEach(add: (name: string, work: Work) => void) {
  const each =
    (rows: readonly unknown[]) =>
    (name: string, work: (...row: unknown[]) => unknown): void => {
      const spread = Array.isArray(rows[0])
      for (const [index, row] of rows.entries()) {
        add(`${name} [${index}]`, () => work(...(spread && Array.isArray(row) ? row : [row])))
      }
    }
  return Object.assign(add, { each })
}

export const describe = withEach(addGroup)
export const it = withEach(addTest)
export const beforeAll = (work: Work) => void current.beforeAll.push(work)
export const beforeEach = (work: Work) => void current.beforeEach.push(work)
export const afterEach = (work: Work) => void current.afterEach.push(work)
export const afterAll = (work: Work) => void current.afterAll.push(work)

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)
export const { expect } = chai
Object.assign(expect, Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT))

const stubbedVariables = new Map<string, string | undefined>()
const stubbedGlobals = new Map<string, unknown>()

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

/** What a test uses that only vitest has: it is counted as left out, and named. */
class VitestOnly extends Error {
  override readonly name = 'VitestOnly'
}

function vitestOnly(what: string): () => never {
  return () => {
    throw new VitestOnly(what)
  }
}
chai.use((_, { addMethod }) => {
  addMethod(chai.Assertion.prototype, 'toMatchFileSnapshot', vitestOnly('file snapshots'))
})

export const vi = {
  fn,
  useFakeTimers: vitestOnly('fake timers'),
  useRealTimers() {},
  resetModules: vitestOnly('a second copy of the modules'),
  spyOn,
  restoreAllMocks,
  stubEnv(name: string, value: string | undefined) {
    if (!stubbedVariables.has(name)) stubbedVariables.set(name, process.env[name])
    setVariable(name, value)
  },
  unstubAllEnvs() {
    for (const [name, value] of stubbedVariables) setVariable(name, value)
    stubbedVariables.clear()
  },
  stubGlobal(name: string, value: unknown) {
    if (!stubbedGlobals.has(name)) stubbedGlobals.set(name, Reflect.get(globalThis, name))
    Reflect.set(globalThis, name, value)
  },
  unstubAllGlobals() {
    for (const [name, value] of stubbedGlobals) Reflect.set(globalThis, name, value)
    stubbedGlobals.clear()
  },
}

/** Where the run's servers are told. */
export const inject = (name: string): string | undefined =>
  name === 'serversUrl' ? process.env.OTPKIT_SERVERS_URL : undefined

/** What came of one file's tests. */
export interface Outcome {
  readonly passed: number
  readonly durationMs: number
  readonly failures: readonly string[]
  /** Tests that use what only vitest has. */
  readonly leftOut: readonly string[]
}

interface Tally {
  passed: number
  readonly failures: string[]
  readonly leftOut: string[]
}

/** Loads a file of tests and runs them, one after another. */
export async function runTests(load: () => Promise<unknown>): Promise<Outcome> {
  current = createGroup('', null)
  const root = current
  await load()
  const tally: Tally = { passed: 0, failures: [], leftOut: [] }
  const began = Date.now()
  await runGroup(root, '', tally)
  return { ...tally, durationMs: Date.now() - began }
}

async function runGroup(group: Group, path: string, tally: Tally): Promise<void> {
  const title = [path, group.name].filter((part) => part !== '').join(' > ')
  try {
    for (const work of group.beforeAll) await work()
    for (const member of group.members) {
      if ('members' in member) await runGroup(member, title, tally)
      else await runTest(group, member, title, tally)
    }
    for (const work of group.afterAll) await work()
  } catch (error) {
    tally.failures.push(`${title}: ${told(error)}`)
  }
}

async function runTest(group: Group, test: Test, path: string, tally: Tally): Promise<void> {
  const groups: Group[] = []
  for (let at: Group | null = group; at !== null; at = at.parent) groups.unshift(at)
  const errors: unknown[] = []
  const attempt = async (work: Work) => {
    try {
      await work()
    } catch (error) {
      errors.push(error)
    }
  }
  for (const work of groups.flatMap(({ beforeEach }) => beforeEach)) await attempt(work)
  if (errors.length === 0) await attempt(test.work)
  for (const work of groups.reverse().flatMap(({ afterEach }) => afterEach)) await attempt(work)
  const title = `${path} > ${test.name}`
  if (errors.length === 0) tally.passed += 1
  else if (errors[0] instanceof VitestOnly) tally.leftOut.push(title)
  else tally.failures.push(`${title}: ${told(errors[0])}`)
}

function told(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.slice(0, 600)
}
