import { z } from 'zod'
import { type CodeAlphabet, writeCode } from '../input/code'
import { randomText } from '../internal/crypto'
import {
  joinFields,
  type Keyring,
  openData,
  type SigningKey,
  sealData,
  tag,
  tagLength,
} from './keyring'
import type { ParsedTarget } from './read-requests'

/** What a challenge is about; kept sealed, so that the store alone tells nobody. */
export interface ChallengeState {
  readonly recipient: string
  readonly purpose: string
  /** The channel of its first message. */
  readonly channel: string
  readonly locale: string
  readonly alphabet: CodeAlphabet
  readonly codeLength: number
  /** `deliver: false`: no code matches, and no message is ever sent. */
  readonly silent: boolean
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

/**
 * The key of a recipient's ledger and limits: from the folded abuse key, the same for every purpose,
 * channel and spelling.
 */
export async function recipientTag(keys: Keyring, abuseKey: string): Promise<string> {
  return keys.index('recipient', abuseKey)
}

/**
 * The id that purpose and recipient have at any time: one live challenge each. It ends in the
 * recipient's tag, so that a handle alone leads to the ledger before anything is read.
 */
export async function boundId(keys: Keyring, purpose: string, identity: string, tagOf: string) {
  return [await keys.index('challenge', purpose, identity), tagOf].join('')
}

/** An id of its own for every challenge. */
export function randomId(tagOf: string): string {
  return [randomText(), tagOf].join('')
}

/** The id that a request names: its handle, or the one that recipient and purpose have. */
export async function targetId(keys: Keyring, target: ParsedTarget): Promise<string> {
  if (target.challengeId !== undefined) return target.challengeId
  const { recipient, purpose } = target
  const tagOf = await recipientTag(keys, recipient.abuseKey)
  return boundId(keys, purpose.name, recipient.identity, tagOf)
}

export function tagOfId(id: string): string {
  return id.slice(tagLength)
}

export function isChallengeId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{44}$/.test(value)
}

/** The digest that the store compares. It needs nothing that is stored. */
export function digestOf(
  keys: Keyring,
  key: SigningKey,
  id: string,
  purpose: string,
  code: string,
): Promise<string> {
  return tag(key.mac, 'digest', keys.namespace, purpose, id, code)
}

export async function createChallenge(
  keys: Keyring,
  id: string,
  state: ChallengeState,
): Promise<Challenge> {
  const key = keys.signing[0]
  const nonce = randomText()
  const code = await codeOf(keys, { state, nonce, key }, id)
  return {
    id,
    // Nobody can compute a random digest from a code, so nothing ever matches it.
    digest: state.silent ? randomText() : await digestOf(keys, key, id, state.purpose, code),
    data: await sealState(keys, key, nonce, id, state),
    code,
    state,
  }
}

/** The code, derived again: neither the store alone nor the secret alone yields it. */
export async function codeOf(keys: Keyring, opened: OpenedChallenge, id: string): Promise<string> {
  const { state, nonce, key } = opened
  const fields = ['code', keys.namespace, state.purpose, id, nonce]
  return writeCode(await key.mac.bytes(joinFields(fields)), state.alphabet, state.codeLength)
}

async function sealState(
  keys: Keyring,
  key: SigningKey,
  nonce: string,
  id: string,
  state: ChallengeState,
): Promise<string> {
  const { recipient, purpose, channel, locale, alphabet, codeLength, silent } = state
  const fields = [recipient, purpose, channel, locale, alphabet, codeLength, silent]
  return sealData(keys, key, nonce, id, JSON.stringify(fields))
}

const stateFields = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.enum(['digits', 'base32']),
  z.number(),
  z.boolean(),
])

/** `null` when its key is gone from the ring, or the data is not ours. */
export async function openState(
  keys: Keyring,
  id: string,
  data: string,
): Promise<OpenedChallenge | null> {
  const opened = await openData(keys, id, data)
  if (opened === null) return null
  const fields = stateFields.safeParse(JSON.parse(opened.text))
  if (!fields.success) return null
  const [recipient, purpose, channel, locale, alphabet, codeLength, silent] = fields.data
  const state = { recipient, purpose, channel, locale, alphabet, codeLength, silent }
  return { state, nonce: opened.nonce, key: opened.key }
}
