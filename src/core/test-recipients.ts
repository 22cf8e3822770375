import type { PhoneRules } from '../input/phone'
import { parseRecipient } from '../input/recipient'
import { knownOptions } from '../internal/known-options'
import { nodeEnvironment } from '../internal/node-env'
import { wrongManagerOption } from '../internal/wrong-option'
import type { TestRecipientsOption } from '../options'
import type { Keyring } from './keyring'

/** The recipients with a fixed code, and until when they have it. */
export interface TestRecipients {
  /** By identity. */
  readonly labels: ReadonlyMap<string, string>
  /** By label. */
  readonly codes: ReadonlyMap<string, string>
  /** In epoch milliseconds. */
  readonly untilMs: number
}

/** Who a recipient is to ledger, limits and events; and the fixed code, of a test recipient. */
export interface Named {
  readonly label: string
  readonly fixedCode?: string
}

/** What recipients are named with. */
export interface Naming {
  readonly keys: Keyring
  readonly testRecipients: TestRecipients
  readonly clock: () => number
}

/** The label and the code of somebody who is a test recipient now. */
export function testNameOf(
  { testRecipients, clock }: Naming,
  identity: string,
): Required<Named> | undefined {
  const { labels, codes } = testRecipients
  const label = labels.get(identity)
  const fixedCode = label === undefined ? undefined : codes.get(label)
  if (label === undefined || fixedCode === undefined) return undefined
  return isOver(testRecipients, clock) ? undefined : { label, fixedCode }
}

/** What a test recipient's label says now: its code, or that there is none any more. */
export function testOf(
  { testRecipients, clock }: Naming,
  label: string,
): { readonly fixedCode: string } | 'over' | undefined {
  const fixedCode = testRecipients.codes.get(label)
  if (fixedCode === undefined) return undefined
  return isOver(testRecipients, clock) ? 'over' : { fixedCode }
}

/** At most so long does what comes of a fixed code stay good. */
export function withinTest(
  { testRecipients, clock }: Naming,
  { fixedCode }: Pick<Named, 'fixedCode'>,
  durationMs: number,
): number {
  if (fixedCode === undefined) return durationMs
  return Math.max(1, Math.min(durationMs, Math.floor(testRecipients.untilMs - clock())))
}

// A clock that tells no time ends it too.
function isOver({ untilMs }: TestRecipients, clock: () => number): boolean {
  return !(clock() < untilMs)
}

/** Reads the option. Throws a `TypeError` that says which part is wrong, and none of its values. */
export function testRecipientsOf(
  keys: Keyring,
  rules: PhoneRules,
  given: TestRecipientsOption | undefined,
): TestRecipients {
  const labels = new Map<string, string>()
  const codes = new Map<string, string>()
  if (given === undefined) return { labels, codes, untilMs: 0 }
  const names = { codes: true, until: true } as const
  const { codes: list, until } = knownOptions('OtpManager', given, names, 'testRecipients')
  const untilMs = readUntil(until)
  for (const [index, [to, code]] of entriesOf(list).entries()) {
    const wrong = (rule: string) =>
      wrongManagerOption('testRecipients.codes', `${rule}: see entry ${index + 1}`)
    const parsed = parseRecipient(to, rules)
    if (!parsed.ok) {
      throw wrong(`must have recipients that are served as its keys (\`${parsed.problem}\`)`)
    }
    const { identity } = parsed.recipient
    if (labels.has(identity)) throw wrong('must name each recipient once')
    if (typeof code !== 'string' || !/^[0-9]{6,10}$/.test(code)) {
      throw wrong('must hold texts of 6 to 10 digits')
    }
    const label = keys.index('test recipient', identity)
    labels.set(identity, label)
    codes.set(label, code)
  }
  return { labels, codes, untilMs }
}

function entriesOf(list: unknown): [string, unknown][] {
  if (typeof list === 'object' && list !== null && !Array.isArray(list)) return Object.entries(list)
  throw wrongManagerOption('testRecipients.codes', 'must be an object of codes by recipient')
}

function readUntil(until: unknown): number {
  if (until === undefined) {
    const environment = nodeEnvironment()
    if (environment === 'development' || environment === 'test') return Number.POSITIVE_INFINITY
    const rule = 'is required unless NODE_ENV is exactly development or test'
    throw wrongManagerOption('testRecipients.until', rule)
  }
  const untilMs = instantOf(until)
  if (Number.isNaN(untilMs))
    throw wrongManagerOption('testRecipients.until', 'must be a valid Date')
  return untilMs
}

// Not by `instanceof`: the Date of another realm, such as a test runner's, is one too.
function instantOf(value: unknown): number {
  try {
    return Number(Reflect.apply(Date.prototype.getTime, value, []))
  } catch {
    return Number.NaN
  }
}
