import { encodeBase64 } from '../encoding'
import { wrongOption } from '../wrong-option'

/** One mailbox, its display name empty where there is none. */
export interface Mailbox {
  readonly name: string
  readonly address: string
}

// The part of RFC 5321 that every parser reads as one and the same mailbox: no quotes, comments,
// lists, groups, routes, encoded words, literals, and nothing beyond ASCII. The core has normalised a
// recipient by the same form (`input/email.ts`, which imports nothing of ours); but a delivery can be
// called without the core, and `from` never passes it. A test holds the two together.
const localPart = /^[A-Za-z0-9_+'~&][A-Za-z0-9_+'~&-]*(\.[A-Za-z0-9_+'~&-]+)*$/
const domainLabel = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
const topLabel = /^[A-Za-z]/

/** Whether this is one plain address, which can go into an envelope or a request as it is. */
export function isPlainAddress(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 254) return false
  const at = value.indexOf('@')
  const labels = value.slice(at + 1).split('.')
  return (
    at > 0 &&
    at <= 64 &&
    localPart.test(value.slice(0, at)) &&
    labels.length > 1 &&
    labels.every((label) => domainLabel.test(label)) &&
    topLabel.test(labels.at(-1) ?? '')
  )
}

/** Reads the option `from`: `otp@acme.example` or `Acme <otp@acme.example>`. */
export function parseSender(factory: string, value: unknown): Mailbox {
  const whole = typeof value === 'string' ? value : ''
  const text = whole.trim()
  const [, name = '', address = text] = /^([^<>]*)<([^<>]+)>$/.exec(text) ?? []
  const plainName = name.trim().replace(/^"(.*)"$/, '$1')
  const odd = /["\\]/.test(plainName) || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(whole)
  if (odd || !isPlainAddress(address)) {
    throw wrongOption(
      factory,
      'from',
      'must be an e-mail address, alone or as in: Acme <otp@acme.example>',
    )
  }
  return { name: plainName, address }
}

/** The mailbox as a header has it, for providers that take it as one string. */
export function formatMailbox({ name, address }: Mailbox): string {
  if (name === '') return address
  return /[()[\]:;@,.]/.test(name) ? `"${name}" <${address}>` : `${name} <${address}>`
}

/** The mailbox as a header has it, in ASCII (RFC 2047), for providers that take nothing else. */
export function encodeMailbox({ name, address }: Mailbox): string {
  if (/^[\x20-\x7e]*$/.test(name)) return formatMailbox({ name, address })
  const words: string[] = []
  let word = ''
  // An encoded word may have 75 characters, of which 45 bytes of text make 72.
  for (const character of name) {
    if (new TextEncoder().encode(word + character).length > 45) {
      words.push(word)
      word = ''
    }
    word += character
  }
  const encoded = [...words, word].map(
    (part) => `=?UTF-8?B?${encodeBase64(new TextEncoder().encode(part))}?=`,
  )
  return `${encoded.join(' ')} <${address}>`
}
