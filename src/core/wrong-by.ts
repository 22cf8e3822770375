import type * as z from 'zod/mini'
import { nearest } from '../internal/near'
import { shownPath, unknownOption, wrongManagerOption } from '../internal/wrong-option'
import { guardNames, thresholdNames } from './guard-settings'
import { limitsShape, purposeShape } from './purposes'
import { pricesNames, spendNames } from './spend-settings'

type Issue = z.core.$ZodIssue

const purposeNames = Object.keys(purposeShape)
const limitNames = Object.keys(limitsShape)

/** The error of wrong options: names the entry, and the right spelling where it can be guessed. */
export function wrongBy(issues: readonly Issue[], names: readonly string[]): TypeError {
  const first = firstOf(issues)
  if (first === undefined) return new TypeError('otpkit: OtpManager: the options are wrong')
  const { issue, path } = innermost(first, [])
  if (issue.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys
    const known = namesAt(path) ?? names
    if (limitNames.includes(name) && known.includes('limits')) {
      const meant = [...path, 'limits', name].join('.')
      const hint = `is not known: did you mean \`${meant}\`?`
      return wrongManagerOption(shownPath([...path, name]), hint)
    }
    return unknownOption('OtpManager', path, name, known)
  }
  if (path.length === 0) return new TypeError('otpkit: OtpManager: the options must be an object')
  if (issue.code === 'invalid_key') {
    const name = path.at(-1) ?? ''
    const lower = nearest(name, ['sms', 'whatsapp', 'voice', 'email']) ?? name.toLowerCase()
    const isChannel = path[0] === 'deliveries' && /^[a-z][a-z0-9_-]*$/.test(lower)
    const guess = isChannel ? `: did you mean \`${lower}\`?` : ''
    const [{ message } = { message: 'is no name' }] = issue.issues
    return wrongManagerOption(shownPath(path), `${message}${guess}`)
  }
  return wrongManagerOption(shownPath(path), issue.message)
}

/** What is missing may only be misspelt. */
function firstOf(issues: readonly Issue[]): Issue | undefined {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
}

/** Of a value that may have several forms, what is wrong with the one that it nearly has. */
function innermost(issue: Issue, before: readonly string[]): { issue: Issue; path: string[] } {
  const path = [...before, ...issue.path.map(String)]
  if (issue.code !== 'invalid_union') return { issue, path }
  const nearly = issue.errors
    .flatMap((issues) => firstOf(issues) ?? [])
    .find((inner) => inner.path.length > 0 || !/^invalid_(type|value|union)$/.test(inner.code))
  return nearly === undefined ? { issue, path } : innermost(nearly, path)
}

function namesAt(path: readonly string[]): readonly string[] | undefined {
  const last = path.at(-1)
  if (path[0] === 'guard') return guardNames.get(last ?? '') ?? thresholdNames
  if (path[0] === 'spend') return last === 'spend' ? spendNames : pricesNames
  if (last === 'limits') return limitNames
  if (path[0] === 'secret') return ['id', 'key']
  if (path.includes('limits')) return ['max', 'per']
  return path[0] === 'purposes' ? purposeNames : undefined
}
