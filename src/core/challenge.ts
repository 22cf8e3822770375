import { type CodeAlphabet, writeCode } from '../input/code'
import { after } from '../internal/after'
import { randomText } from '../internal/crypto'
import type { NewChallenge, StoredChallenge } from '../store'
import { joinVarying, type Keyring, openData, type SigningKey, sealData } from './keyring'

const trusts = ['none', 'known', 'challenged'] as const

/** What the server says of who asks: nothing, that they verified before, that they passed a challenge. */
export type Trust = (typeof trusts)[number]

/** What a challenge is about; kept sealed, so that the store alone tells nobody. */
export interface ChallengeState {
  /** Where its messages go: an address in the case in which it was typed. */
  readonly recipient: string
  readonly purpose: string
  /** The channel of its first message. */
  readonly channel: string
  readonly locale: string
  readonly alphabet: CodeAlphabet
  readonly codeLength: number
  /** `deliver: false`: no code matches, and no message is ever sent. */
  readonly silent: boolean
  /** Its whole life, of which what is left says when it began. */
  readonly lifetimeMs: number
  /**
   * The digest of the challenge whose place it took without being a new one for the limits; empty
   * otherwise.
   */
  readonly continues: string
  /**
   * Whether one of those that it continues could be verified: whoever did at that moment has had the
   * messages so far forgiven.
   */
  readonly wasLoud?: true
  /**
   * What the code is derived from, where it is not the data's own nonce: it follows from the digest
   * of the challenge that this one replaces, so that two replacements at once have one code. Empty
   * otherwise.
   */
  readonly codeNonce: string
  /** Only with a guard: who asked for its first message, and what the server said of them. */
  readonly asked?: { readonly ip: string; readonly trust: Trust }
}

/** A challenge about to be stored, with the code that only its message may carry. */
export interface Challenge {
  readonly id: string
  readonly digest: string
  readonly data: string
  readonly code: string
  readonly state: ChallengeState
}

/** What `data` held, and what it takes to send the same code again. */
export interface OpenedChallenge {
  readonly state: ChallengeState
  readonly nonce: string
  readonly key: SigningKey
}

/** The digest that the store compares. It needs nothing that is stored. */
export function digestOf(key: SigningKey, id: string, purpose: string, code: string): string {
  return key.digest(purpose).tag(joinVarying([id, code]))
}

export function createChallenge(
  keys: Keyring,
  id: string,
  state: ChallengeState,
  fixedCode?: string,
): Challenge | Promise<Challenge> {
  const key = keys.signing[0]
  const nonce = randomText()
  const code = fixedCode ?? codeOf({ state, nonce, key }, id)
  // Nobody can compute a random digest from a code. See also `fixed-code.ts`.
  const isRandom = state.silent || fixedCode !== undefined
  const digest = isRandom ? randomText() : digestOf(key, id, state.purpose, code)
  const made = (data: string): Challenge => ({ id, digest, data, code, state })
  return after(sealData(keys, key, nonce, id, writeState(state)), made)
}

/** The challenge as the store takes it. */
export function toStore(
  { id, digest, data }: Challenge,
  attempts: number,
  ttlMs: number,
): NewChallenge {
  return { id, digest, attempts, ttlMs, data }
}

/** Under what the messages of a challenge are counted: the first one of those that continue it. */
export function countedAs({ continues }: ChallengeState, digest: string): string {
  return continues || digest
}

/** The code nonce of whatever replaces the challenge with this digest. */
export function replacingNonce(keys: Keyring, digest: string): string {
  return keys.index('replacement', digest)
}

/** The code, derived again: neither the store alone nor the secret alone yields it. */
export function codeOf({ state, nonce, key }: OpenedChallenge, id: string): string {
  const mac = key.code(state.purpose).bytes(joinVarying([id, state.codeNonce || nonce]))
  return writeCode(mac, state.alphabet, state.codeLength)
}

/** A stored challenge with its code; nothing where its digest is not that of the code. */
export function reopenChallenge(
  stored: StoredChallenge,
  opened: OpenedChallenge,
  fixedCode?: string,
): Challenge | null {
  const { id, digest, data } = stored
  const { state, key } = opened
  const code = fixedCode ?? codeOf(opened, id)
  const isRandom = state.silent || fixedCode !== undefined
  const isItsCode = isRandom || digestOf(key, id, state.purpose, code) === digest
  return isItsCode ? { id, digest, data, code, state } : null
}

/** `null` when its key is gone from the ring, or the data is not ours. */
export async function openState(
  keys: Keyring,
  id: string,
  data: string,
): Promise<OpenedChallenge | null> {
  const opened = await openData(keys, id, data)
  const state = opened && readState(opened.text)
  return state && { state, nonce: opened.nonce, key: opened.key }
}

// Lines, since no field ever holds a line break, and stores keep millions of these.
function writeState(state: ChallengeState): string {
  const { recipient, purpose, channel, locale, alphabet, codeLength, silent, lifetimeMs } = state
  const { continues, wasLoud, codeNonce, asked } = state
  const kind = `${silent ? 's' : ''}${wasLoud ? 'l' : ''}`
  const form = `${alphabet === 'digits' ? 'd' : 'b'}${codeLength}${kind}`
  const who = asked === undefined ? '' : `\n${asked.trust} ${asked.ip}`
  const isRare = continues !== '' || codeNonce !== '' || who !== ''
  const rare = isRare ? `\n${continues}\n${codeNonce}${who}` : ''
  return `${form}\n${recipient}\n${purpose}\n${channel}\n${locale}\n${lifetimeMs}${rare}`
}

function readState(text: string): ChallengeState | null {
  const lines = text.split('\n')
  const [form = '', recipient = '', purpose = '', channel = '', locale = '', life = ''] = lines
  const [continues = '', codeNonce = '', who = ''] = lines.slice(6)
  const [said, ip] = who.split(' ')
  const trust = trusts.find((one) => one === said)
  const [, alphabet, codeLength, silent, wasLoud] = /^([bd])([0-9]{1,2})(s?)(l?)$/.exec(form) ?? []
  if (alphabet === undefined || !/^[0-9]{1,9}$/.test(life)) return null
  const isAsked = trust !== undefined && ip !== undefined
  if (lines.length !== 6 && lines.length !== 8 && (lines.length !== 9 || !isAsked)) return null
  return {
    recipient,
    purpose,
    channel,
    locale,
    alphabet: alphabet === 'd' ? 'digits' : 'base32',
    codeLength: Number(codeLength),
    silent: silent === 's',
    lifetimeMs: Number(life),
    continues,
    ...(wasLoud === 'l' && { wasLoud: true }),
    codeNonce,
    ...(isAsked && { asked: { ip, trust } }),
  }
}
