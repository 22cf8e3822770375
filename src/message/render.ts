import type { MessageContent } from '../delivery'
import { remembering } from '../internal/remembering'
import { type SegmentCount, segments } from '../internal/segments'
import { wrongManagerOption } from '../internal/wrong-option'
import { readMessageOptions } from './check-options'
import { escapeHtml, renderMail } from './html'
import { keptMessages, type SettledFacts } from './kept'
import { canonicalTag, isRightToLeft, lookupChain, negotiateLocale } from './locale'
import { isTooLongForRetriever, longestCode, smsSamples } from './samples'
import {
  builtInTemplates,
  type LocaleTemplates,
  type MessageTemplate,
  narrowestFirst,
  neutralTemplate,
  type Templates,
} from './templates'

/** What decides the words and the language of messages: option `messages`, and `appName`. */
export interface MessageOptions {
  /** The application's name: up to 64 characters on one line, without `<` and `>`. */
  readonly appName: string
  /**
   * For a request without a locale, or with one that nothing matches.
   *
   * @defaultValue `'en'`
   */
  readonly defaultLocale?: string | undefined
  /** Replaces built-in texts, and adds locales. */
  readonly templates?: Templates | undefined
  /**
   * Host name of the site that the code is typed into. Every SMS then ends in `@host #code`, which
   * phones offer to fill in there
   * ({@link https://wicg.github.io/sms-one-time-codes/ | origin-bound one-time codes}).
   */
  readonly webOtp?: string | undefined
  /**
   * The 11 characters that name an Android application. Every SMS then ends in them, and the
   * application can read it (SMS Retriever). Excludes `webOtp`: both need the last line.
   */
  readonly androidHash?: string | undefined
}

/** What one message has to say, and over which channel. */
export interface MessageFacts {
  readonly channel: string
  readonly purpose: string
  /** The locale that the request asked for; untrusted. */
  readonly locale?: string | undefined
  readonly code: string
  /** How long the code stays good, in milliseconds. */
  readonly expiresInMs: number
}

/** A message, ready to be delivered. */
export interface RenderedMessage {
  /** BCP 47 tag of the text. */
  readonly locale: string
  readonly content: MessageContent
  /** What it costs as an SMS; on the channel `sms` only. */
  readonly segments?: SegmentCount
}

// More than browsers in one place of the world ask for.
const mostRemembered = 256

const variable = /\{(code|appName|minutes)\}/g

type Choice = (template: MessageTemplate) => string | undefined
type Renderer = (facts: MessageFacts) => RenderedMessage

/**
 * Checks the options and returns the function that writes messages. Throws a `TypeError` that names
 * the option which is wrong.
 */
export function createRenderer(options: MessageOptions): Renderer {
  const checked = readMessageOptions(options)
  if ('problems' in checked) throw wrong(checked.problems[0]?.option, checked.problems[0]?.problem)
  const render = buildRenderer(checked.options)
  if (checked.options.androidHash !== undefined) {
    const tooLong = smsSamples(render, checked.options, longestCode).find(isTooLongForRetriever)
    if (tooLong !== undefined) {
      throw wrong(
        'messages.androidHash',
        `allows 140 bytes, but the SMS in ${tooLong.locale} is longer: shorten appName, or set ` +
          'autofillText in that locale',
      )
    }
  }
  return render
}

/** The function that writes messages, from options which `readMessageOptions` has passed. */
export function buildRenderer(options: MessageOptions): Renderer {
  const { appName, templates = {}, webOtp, androidHash } = options
  const sources = templatesByLocale(templates)
  const locales = [...sources.keys()]
  const rightToLeft = new Set(locales.filter(isRightToLeft))
  const defaultLocale = negotiateLocale(options.defaultLocale, locales, 'en')

  function write(facts: SettledFacts): RenderedMessage {
    const { channel, purpose, locale, code } = facts
    const found = (sources.get(locale) ?? []).flatMap((templates) =>
      narrowestFirst(templates, purpose, channel),
    )
    const layers = [...found, neutralTemplate]
    const minutes = minutesOf(facts)
    const values = { code, appName, minutes }
    const filled = (choose: Choice, more = values) => fill(first(layers, choose), more)
    const text = filled((template) => template.text)

    if (channel === 'sms') {
      const autofillLine = webOtp === undefined ? androidHash : `@${webOtp} #${code}`
      const whole =
        autofillLine === undefined
          ? text
          : `${filled((template) => template.autofillText ?? template.text)}\n${autofillLine}`
      return { locale, content: { text: whole }, segments: segments(whole) }
    }
    if (channel === 'voice') {
      const apart = [...code].join(rightToLeft.has(locale) ? '، ' : ', ')
      const spoken = filled((template) => template.spoken, { ...values, code: apart })
      return { locale, content: { text, spoken } }
    }
    if (channel === 'email') {
      const subject = filled((template) => template.subject)
      // HTML of a wider template would not say what a narrower text says.
      const own = layers.find(({ text, html }) => html !== undefined || text !== undefined)?.html
      const html =
        own === undefined
          ? renderMail({ locale, rightToLeft: rightToLeft.has(locale), subject, text, code })
          : fill(own, { code: escapeHtml(code), appName: escapeHtml(appName), minutes })
      return { locale, content: { text, subject, html } }
    }
    return { locale, content: { text } }
  }

  const kept = keptMessages(write, minutesOf)
  const negotiate = remembering(mostRemembered, (requested) =>
    negotiateLocale(requested, locales, defaultLocale),
  )
  return (facts) => kept(facts, negotiate(facts.locale ?? ''))
}

function minutesOf({ expiresInMs }: MessageFacts): string {
  return String(Math.max(1, Math.floor(expiresInMs / 60_000)))
}

/** Per locale its templates, the operator's before the built-in, each from narrow to wide. */
function templatesByLocale(own: Templates): ReadonlyMap<string, readonly LocaleTemplates[]> {
  const ownByLocale = new Map(
    Object.entries(own).map(([tag, templates]) => [canonicalTag(tag) ?? tag, templates]),
  )
  const locales = new Set([...ownByLocale.keys(), ...builtInTemplates.keys()])
  return new Map(
    [...locales].map((locale) => {
      const chain = lookupChain(locale)
      const sources = [ownByLocale, builtInTemplates].flatMap((source) =>
        chain.map((tag) => source.get(tag)),
      )
      return [locale, sources.filter((templates) => templates !== undefined)]
    }),
  )
}

function first(layers: readonly MessageTemplate[], choose: Choice): string {
  for (const layer of layers) {
    const found = choose(layer)
    if (found !== undefined) return found
  }
  return ''
}

// One pass, so that a value which looks like a variable stays as it is.
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(variable, (_match, name: string) => values[name] ?? '')
}

function wrong(option = '', problem = ''): TypeError {
  return wrongManagerOption(option, problem)
}
