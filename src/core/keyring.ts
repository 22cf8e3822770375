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
  index(label: string, ...fields: string[]): string | Promise<string>
}

/** Length of the opaque values: 132 bits of base64url. */
export const tagLength = 22

export async function tag(mac: Mac, ...fields: string[]): Promise<string> {
  const text = await mac.text(joinFields(fields))
  // In two short pieces: V8 keeps a longer one as a view that holds on to the whole text, and
  // stores keep millions of these.
  return [text.slice(0, tagLength / 2), text.slice(tagLength / 2, tagLength)].join('')
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
  return {
    signing,
    namespace,
    find: (id) => signing.find((key) => key.id === id),
    // The label keeps the index key's inputs apart from the signing keys', which may be the same.
    index: (label, ...fields) => tag(index, `index ${label}`, namespace, ...fields),
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
