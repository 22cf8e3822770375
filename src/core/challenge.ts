import * as z from 'zod'
import { type CodeAlphabet, writeCode } from '../input/code'
import { randomText } from '../internal/crypto'
import type { NewChallenge, StoredChallenge } from '../store'
import { joinVarying, type Keyring, openData, type SigningKey, sealData } from './keyring'

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
   * What the code is derived from, where it is not the data's own nonce: it follows from the digest
   * of the challenge that this one replaces, so that two replacements at once have one code. Empty
   * otherwise.
   */
  readonly codeNonce: string
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

export async function createChallenge(
  keys: Keyring,
  id: string,
  state: ChallengeState,
): Promise<Challenge> {
  const key = keys.signing[0]
  const nonce = randomText()
  const code = codeOf({ state, nonce, key }, id)
  return {
    id,
    // Nobody can compute a random digest from a code, so nothing ever matches it.
    digest: state.silent ? randomText() : digestOf(key, id, state.purpose, code),
    data: await sealState(keys, key, nonce, id, state),
    code,
    state,
  }
}

/** The challenge as the store takes it. */
export function toStore(
  { id, digest, data }: Challenge,
  attempts: number,
  ttlMs: number,
): NewChallenge {
  return { id, digest, attempts, ttlMs, data }
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
): Challenge | null {
  const { id, digest, data } = stored
  const { state, key } = opened
  const code = codeOf(opened, id)
  const isItsCode = state.silent || digestOf(key, id, state.purpose, code) === digest
  return isItsCode ? { id, digest, data, code, state } : null
}

async function sealState(
  keys: Keyring,
  key: SigningKey,
  nonce: string,
  id: string,
  state: ChallengeState,
): Promise<string> {
  const { recipient, purpose, channel, locale, alphabet, codeLength, silent, lifetimeMs } = state
  const fields = [recipient, purpose, channel, locale, alphabet, codeLength, silent, lifetimeMs]
  const { continues, codeNonce } = state
  const rare = continues === '' && codeNonce === '' ? [] : [continues, codeNonce]
  return sealData(keys, key, nonce, id, JSON.stringify([...fields, ...rare]))
}

const stateFields = [
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.enum(['digits', 'base32']),
  z.number(),
  z.boolean(),
  z.number(),
] as const
const anyState = z.union([z.tuple(stateFields), z.tuple([...stateFields, z.string(), z.string()])])

/** `null` when its key is gone from the ring, or the data is not ours. */
export async function openState(
  keys: Keyring,
  id: string,
  data: string,
): Promise<OpenedChallenge | null> {
  const opened = await openData(keys, id, data)
  if (opened === null) return null
  const fields = anyState.safeParse(JSON.parse(opened.text))
  if (!fields.success) return null
  const [recipient, purpose, channel, locale, alphabet, codeLength, silent, lifetimeMs] =
    fields.data
  const [, , , , , , , , continues = '', codeNonce = ''] = fields.data
  return {
    state: {
      recipient,
      purpose,
      channel,
      locale,
      alphabet,
      codeLength,
      silent,
      lifetimeMs,
      continues,
      codeNonce,
    },
    nonce: opened.nonce,
    key: opened.key,
  }
}
