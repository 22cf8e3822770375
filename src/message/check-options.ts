import * as z from 'zod/mini'
import { nearest } from '../internal/near'
import { isName, shownPath } from '../internal/wrong-option'
import { canonicalTag, negotiateLocale } from './locale'
import type { MessageOptions } from './render'
import { builtInTemplates } from './templates'

/** An option that is wrong. */
export interface OptionProblem {
  /** Its path in the options of `OtpManager`. */
  readonly option: string
  readonly problem: string
}

const controls = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u
// What no text may ever hold; `kept.ts` marks the places of a code with them.
const noncharacters = /[\ufdd0-\ufdef]/
// Embeddings, overrides and isolates: they could show a code in another order than it is typed.
const directionOverrides = /[\u202a-\u202e\u2066-\u2069]/u
const variable = /\{(?:code|appName|minutes)\}/g

const text = z.string('must be a text').check(
  z.refine(
    (value) => !controls.test(value.replaceAll('\n', '')),
    'must hold no control characters',
  ),
  z.refine((value) => !noncharacters.test(value), 'must hold no noncharacters'),
  z.refine(
    (value) => !/[{}]/.test(value.replaceAll(variable, '')),
    'must hold no braces but {code}, {appName} and {minutes}',
  ),
)
const line = text.check(z.refine((value) => !value.includes('\n'), 'must be one line'))
// Style sheets have braces of their own, so only what looks like a variable is checked.
const html = z.string('must be a text').check(
  z.refine((value) => !noncharacters.test(value), 'must hold no noncharacters'),
  z.refine(
    (value) => !/\{\s*\w*\s*\}/.test(value.replaceAll(variable, '')),
    'must hold no variables but {code}, {appName} and {minutes}',
  ),
)
const withCode = (schema: z.ZodMiniString) =>
  z.exactOptional(schema.check(z.refine((value) => value.includes('{code}'), 'must hold {code}')))

const messageTemplate = {
  text: withCode(text),
  autofillText: withCode(text),
  subject: z.exactOptional(line),
  html: withCode(html),
  spoken: withCode(line.check(z.refine((value) => !/[<>]/.test(value), 'must hold no markup'))),
}
const purposeTemplates = {
  ...messageTemplate,
  channels: z.exactOptional(z.record(z.string(), z.strictObject(messageTemplate))),
}
const localeTemplates = z.strictObject({
  ...purposeTemplates,
  purposes: z.exactOptional(z.record(z.string(), z.strictObject(purposeTemplates))),
})
const locale = z
  .string('must be a BCP 47 tag')
  .check(z.refine((tag) => canonicalTag(tag) !== undefined, 'must be a BCP 47 tag such as pt-BR'))

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const hostName = new RegExp(`^${label}(?:\\.${label})+$`)

const messageOptions = z
  .strictObject({
    appName: z.string('must be a text').check(
      z.refine((name) => name.trim() !== '' && name.length <= 64, 'must have 1 to 64 characters'),
      z.refine((name) => !noncharacters.test(name), 'must hold no noncharacters'),
      z.refine(
        (name) => !controls.test(name) && !directionOverrides.test(name) && !/[<>]/.test(name),
        'must hold no line breaks, control characters or markup',
      ),
    ),
    defaultLocale: z.optional(locale),
    templates: z.optional(
      z.record(locale, localeTemplates).check(
        z.refine((templates) => {
          const tags = Object.keys(templates)
          return new Set(tags.map(canonicalTag)).size === tags.length
        }, 'must not hold one locale twice'),
      ),
    ),
    webOtp: z.optional(
      z
        .string('must be a host name')
        .check(
          z.maxLength(253, 'must be a host name'),
          z.regex(hostName, 'must be a lower-case host name such as example.com'),
        ),
    ),
    androidHash: z.optional(
      z
        .string('must be a text')
        .check(
          z.regex(/^[A-Za-z0-9+/]{11}$/, 'must be the 11 characters that name the application'),
        ),
    ),
  })
  .check(
    z.refine((options) => options.webOtp === undefined || options.androidHash === undefined, {
      path: ['androidHash'],
      error: 'excludes webOtp: both need the last line',
    }),
    z.refine(
      ({ defaultLocale = 'en', templates = {} }) => {
        const locales = [...Object.keys(templates), ...builtInTemplates.keys()]
        return negotiateLocale(defaultLocale, locales, '') !== ''
      },
      { path: ['defaultLocale'], error: 'has no texts' },
    ),
  )

/** Checks the options, and returns a copy of them or everything that is wrong with them. */
export function readMessageOptions(
  input: unknown,
): { readonly options: MessageOptions } | { readonly problems: readonly OptionProblem[] } {
  const parsed = messageOptions.safeParse(input)
  if (parsed.success) return { options: parsed.data }
  return {
    problems: parsed.error.issues.map((issue) => ({
      option: issue.path[0] === 'appName' ? 'appName' : pathOf(issue.path),
      problem: problemOf(issue),
    })),
  }
}

/** What there is at a path that holds something else. */
function namesAt(path: readonly PropertyKey[]): readonly string[] {
  return Object.keys((path.length === 0 ? messageOptions : localeTemplates).shape)
}

function pathOf(path: readonly PropertyKey[]): string {
  return shownPath(['messages', ...path.map(String)])
}

function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys
    const meant = nearest(name, namesAt(issue.path))
    const guess = meant === undefined ? '' : `: did you mean \`${meant}\`?`
    return `has ${isName(name) ? `no \`${name}\`` : 'unknown members'}${guess}`
  }
  if (issue.code === 'invalid_key') return 'must be a BCP 47 tag such as pt-BR'
  const isObject = 'expected' in issue && ['object', 'record'].includes(String(issue.expected))
  return isObject ? 'must be an object' : issue.message
}
