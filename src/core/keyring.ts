import { createMac, type Mac, open, seal } from '../internal/crypto'

/** One key of the secret: the first in the list signs, every one verifies. */
export interface SigningKey {
  readonly id: string
  readonly mac: Mac
}

/**
 * Every value that the secret makes. Each MAC starts with a label of its own and every field is
 * length-prefixed, so that no two meanings and no two splits of the fields share an input.
 */
export interface Keyring {
  /** The first signs. */
  readonly signing: readonly [SigningKey, ...SigningKey[]]
  readonly namespace: string
  find(id: string): SigningKey | undefined
  /** 22 characters (132 bits) under the index key, which no rotation changes. */
  index(label: string, ...fields: string[]): Promise<string>
  /** Two disjoint cuts of one such value: 22 characters, and the 21 behind them (124 bits). */
  indexPair(label: string, ...fields: string[]): Promise<readonly [string, string]>
}

/** Length of the opaque values: 132 bits of base64url. */
export const tagLength = 22

export async function tag(mac: Mac, ...fields: string[]): Promise<string> {
  return cut(await mac.text(joinFields(fields)), 0, tagLength)
}

/** A part of a text, in a text of its own. */
export function cut(text: string, from: number, to: number): string {
  // In short pieces: V8 keeps a longer one as a view that holds on to the whole text, and stores
  // keep millions of these.
  const middle = (from + to) >>> 1
  return [text.slice(from, middle), text.slice(middle, to)].join('')
}

/** Netstrings: `ab`,`c` and `a`,`bc` come out different. */
export function joinFields(fields: readonly string[]): string {
  let joined = ''
  for (const field of fields) joined += `${field.length}:${field},`
  return joined
}

export function createKeyring(
  keys: readonly [Key, ...Key[]],
  indexKey: Uint8Array,
  namespace: string,
): Keyring {
  const [first, ...rest] = keys
  const signing: readonly [SigningKey, ...SigningKey[]] = [toSigning(first), ...rest.map(toSigning)]
  const index = createMac(indexKey)
  // The label keeps the index key's inputs apart from the signing keys', which may be the same.
  const indexFields = (label: string, fields: string[]) => [`index ${label}`, namespace, ...fields]
  return {
    signing,
    namespace,
    find: (id) => signing.find((key) => key.id === id),
    index: (label, ...fields) => tag(index, ...indexFields(label, fields)),
    indexPair: async (label, ...fields) => {
      const text = await index.text(joinFields(indexFields(label, fields)))
      return [cut(text, 0, tagLength), cut(text, tagLength, text.length)]
    },
  }
}

/** A key as it was configured. */
export interface Key {
  readonly id: string
  readonly bytes: Uint8Array
}

function toSigning(key: Key): SigningKey {
  return { id: key.id, mac: createMac(key.bytes) }
}

/** Data as a store keeps it: `keyId.nonce.sealed`, opened only with the secret and under this id. */
export async function sealData(
  keys: Keyring,
  key: SigningKey,
  nonce: string,
  id: string,
  text: string,
): Promise<string> {
  const sealed = await seal(await sealingKey(key, nonce), text, joinFields([keys.namespace, id]))
  return [key.id, nonce, sealed].join('.')
}

/** `null` when its key is gone from the ring, or the data is not ours. */
export async function openData(keys: Keyring, id: string, data: string) {
  const [keyId = '', nonce = '', sealed = '', ...rest] = data.split('.')
  const key = keys.find(keyId)
  if (key === undefined || rest.length > 0) return null
  const text = await open(await sealingKey(key, nonce), sealed, joinFields([keys.namespace, id]))
  return text === null ? null : { text, nonce, key }
}

async function sealingKey(key: SigningKey, nonce: string): Promise<Uint8Array> {
  return key.mac.bytes(joinFields(['data', nonce]))
}
