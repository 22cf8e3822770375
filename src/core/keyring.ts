import { after } from '../internal/after'
import { createSealer, type Sealer } from '../internal/crypto'
import { createMac, type Mac } from '../internal/hmac'

/** One key of the secret: the first in the list signs, every one verifies. */
export interface SigningKey {
  readonly id: string
  /** Makes the digests of codes for a purpose. */
  digest(purpose: string): Mac
  /** Makes the codes for a purpose. */
  code(purpose: string): Mac
  readonly sealer: Sealer
}

/**
 * Every value that the secret makes. Each kind has a key of its own, which is the MAC of its label,
 * of the namespace and of what else is the same for all of its values; so no two kinds ever share
 * one, and what varies is short enough for one block of the hash.
 */
export interface Keyring {
  /** The first signs. */
  readonly signing: readonly [SigningKey, ...SigningKey[]]
  readonly namespace: string
  find(id: string): SigningKey | undefined
  /**
   * 22 characters (132 bits) under the index key, which no rotation changes. A label always comes
   * with as many fields.
   */
  index(label: string, ...fields: string[]): string
  /** Two disjoint cuts of one such value: 22 characters, and the 21 behind them (124 bits). */
  indexPair(label: string, ...fields: string[]): readonly [string, string]
}

/** Length of the opaque values: 132 bits of base64url. */
export const tagLength = 22

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

/** Fields of one kind, of which there are always as many: the last one needs no length. */
export function joinVarying(fields: readonly string[]): string {
  let joined = ''
  const last = fields.length - 1
  for (let index = 0; index < last; index += 1) {
    const field = fields[index] ?? ''
    joined += `${field.length}:${field},`
  }
  return joined + (fields[last] ?? '')
}

export function createKeyring(
  keys: readonly [Key, ...Key[]],
  indexKey: Uint8Array,
  namespace: string,
): Keyring {
  const [first, ...rest] = keys
  const toSigning = (key: Key) => signingKey(key, namespace)
  const signing: readonly [SigningKey, ...SigningKey[]] = [toSigning(first), ...rest.map(toSigning)]
  const master = createMac(indexKey)
  // The label keeps what the index key makes apart from what a signing key does, which may be the same.
  const macOf = kept((label) => createMac(master.bytes(joinFields([`index ${label}`, namespace]))))
  return {
    signing,
    namespace,
    find: (id) => signing.find((key) => key.id === id),
    index: (label, ...fields) => macOf(label).tag(joinVarying(fields)),
    indexPair: (label, ...fields) => macOf(label).pair(joinVarying(fields)),
  }
}

/** A key as it was configured. */
export interface Key {
  readonly id: string
  readonly bytes: Uint8Array
}

function signingKey({ id, bytes }: Key, namespace: string): SigningKey {
  const master = createMac(bytes)
  const derived = (...fields: string[]) => master.bytes(joinFields(fields))
  return {
    id,
    digest: kept((purpose) => createMac(derived('digest', namespace, purpose))),
    code: kept((purpose) => createMac(derived('code', namespace, purpose))),
    sealer: createSealer((number) => derived('data', String(number))),
  }
}

/** Made once for each name. Only names of ours get here: labels, and purposes that are configured. */
function kept(make: (name: string) => Mac): (name: string) => Mac {
  const made = new Map<string, Mac>()
  return (name) => {
    const found = made.get(name) ?? make(name)
    made.set(name, found)
    return found
  }
}

/** Data as a store keeps it: `keyId.` and nonce and sealed text, opened only with the secret and under this id. */
export function sealData(
  keys: Keyring,
  key: SigningKey,
  nonce: string,
  id: string,
  text: string,
): string | Promise<string> {
  const sealed = key.sealer.seal(nonce, text, joinFields([keys.namespace, id]))
  return after(sealed, (body) => [key.id, '.', nonce, body].join(''))
}

/** `null` when its key is gone from the ring, or the data is not ours. */
export async function openData(keys: Keyring, id: string, data: string) {
  const dot = data.indexOf('.')
  const key = keys.find(data.slice(0, dot))
  if (key === undefined) return null
  const end = dot + 1 + tagLength
  const nonce = cut(data, dot + 1, end)
  const context = joinFields([keys.namespace, id])
  const text = await key.sealer.open(nonce, data.slice(end), context)
  return text === null ? null : { text, nonce, key }
}
