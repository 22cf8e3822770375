import { asciiDomain } from './domain'
import { type Problem, type Unusable, unusable } from './problem'
import { hasControlCharacter, trimOuter } from './typed'

// RFC 5321 4.5.3.1: 64 for the local part, and 254 for what fits into a path of 256.
const longestAddress = 254
const longestLocalPart = 64
const longestLabel = 63

// No alternative in these can match a text in two ways, so they need linear time.
const localPart = /^(?!-)[A-Za-z0-9_+'~&-]+(?:\.[A-Za-z0-9_+'~&-]+)*$/
const localCharacters = /^[A-Za-z0-9._+'~&-]+$/
const domainName = /^[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)+$/

// A top-level domain is alphabetic (RFC 1123 2.1); with digits, `0x7f.1` could be an IPv4 address.
const topLevelName = /^(?:[a-z]{2,}|xn--[a-z0-9-]+)$/
const aLabel = /(?:^|\.)xn--/

// Names that never lead to a mailbox on the internet (RFC 6761, 6762, 7686, 9476; `internal` is
// reserved by ICANN). `example.com` is a real domain and stays.
const specialUse = new Set([
  'alt',
  'arpa',
  'example',
  'internal',
  'invalid',
  'local',
  'localhost',
  'onion',
  'test',
])

/** One mailbox, under its one name and as it was typed. */
export interface EmailAddress {
  /** In lower case, the domain with its A-labels. */
  readonly address: string
  /** The same with the local part as it was typed, for the envelope: a server may tell cases apart. */
  readonly typed: string
}

/**
 * Normalises an e-mail address, or says why it is refused.
 *
 * Accepted is the part of RFC 5321 that every mail program reads alike: no quotes, comments, lists,
 * groups or address literals, and a local part in ASCII. The case of a local part tells no two
 * people apart at any large host, while keyboards change it as they like, so it is nobody's name.
 */
export function parseEmail(input: string): ({ readonly ok: true } & EmailAddress) | Unusable {
  const written = trimOuter(input)
  const at = written.indexOf('@')
  const local = written.slice(0, Math.max(0, at))
  const domain = asciiDomain(written.slice(at + 1))
  const typed = `${local}@${domain}`
  const fits = typed.length <= longestAddress && local.length <= longestLocalPart
  if (domain === undefined || !fits || !localPart.test(local) || !domainName.test(domain)) {
    return unusable(problemOf(written, domain, fits))
  }
  if (!isMailDomain(domain)) return unusable('domain')
  return { ok: true, address: typed.toLowerCase(), typed }
}

/**
 * The key that all aliases of a mailbox share: local part without its plus tag, and for Gmail
 * without dots. For limits only: two addresses with one key may be two people's.
 */
export function foldEmail(address: string): string {
  const at = address.indexOf('@')
  const domain = address.slice(at + 1)
  const plus = address.indexOf('+')
  const local = address.slice(0, plus > 0 && plus < at ? plus : at)
  return domain === 'gmail.com' || domain === 'googlemail.com'
    ? `${local.replaceAll('.', '')}@gmail.com`
    : `${local}@${domain}`
}

/** The first character and the domain: `u•••@gmail.com`, however long the local part is. */
export function maskEmail(address: string): string {
  return `${address.slice(0, 1)}•••${address.slice(address.indexOf('@'))}`
}

function problemOf(written: string, domain: string | undefined, fits: boolean): Problem {
  if (hasControlCharacter(written)) return 'control_character'
  const [local = '', given = '', ...more] = written.split('@')
  if (/[^\x21-\x7e]/.test(local + more.join('')) || domain === undefined) return 'character'
  if (local === '' || given === '' || more.length > 0) return 'syntax'
  if (!fits) return 'too_long'
  if (!localCharacters.test(local)) return 'character'
  return localPart.test(local) ? 'domain' : 'syntax'
}

function isMailDomain(domain: string): boolean {
  const topLevel = domain.slice(domain.lastIndexOf('.') + 1)
  if (!topLevelName.test(topLevel) || specialUse.has(topLevel)) return false
  if (domain.split('.').some((label) => label.length > longestLabel)) return false
  if (!aLabel.test(domain)) return true
  // An A-label must be what its own name turns into, or a mail library may send elsewhere.
  const url = `http://${domain}`
  return URL.canParse(url) && new URL(url).hostname === domain
}
