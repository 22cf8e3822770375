import { createCipheriv, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  codeOf,
  createChallenge,
  digestOf,
  openState,
  replacingNonce,
} from '../../src/core/challenge'
import { createKeyring, openData } from '../../src/core/keyring'
import { boundLabels, isHandle, recipientLabel } from '../../src/core/labels'
import { writeCode } from '../../src/input/code'

// Every derived value, made here once more with nothing of the library: whoever changes how one of
// them is made voids live codes or forgets every ledger, and must see it.
const bytes = (fill: number) => new Uint8Array(32).map((_, at) => fill + at)
const [signing, index, namespace] = [bytes(1), bytes(99), 'otpkit']
const keys = createKeyring([{ id: 'a', bytes: signing }], index, namespace)
const identity = '+919876543210'

const netstrings = (fields: readonly string[]) =>
  fields.map((field) => `${field.length}:${field},`).join('')
const hmac = (key: Uint8Array, ...fields: string[]) =>
  createHmac('sha256', key).update(netstrings(fields))
/** Under a key of its own for each kind; only the fields before the last one need their length. */
const under = (kind: Buffer, before: readonly string[], last: string) =>
  createHmac('sha256', kind).update(netstrings(before) + last)
const indexed = (label: string, ...fields: string[]) =>
  under(
    hmac(index, `index ${label}`, namespace).digest(),
    fields.slice(0, -1),
    fields.at(-1) ?? '',
  ).digest('base64url')

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const combined = (left: string, right: string) =>
  Array.from(left, (character, at) =>
    alphabet.charAt(alphabet.indexOf(character) ^ alphabet.indexOf(right.charAt(at))),
  ).join('')

const label = indexed('recipient', identity).slice(0, 22)
const start = indexed('handle', 'login', identity).slice(0, 22)
const masked = indexed('mask', start)
const id = masked.slice(22) + label

describe('what the secret makes', () => {
  it('labels', () => {
    expect(recipientLabel(keys, identity)).toBe(label)
    const handle = start + combined(label, masked.slice(0, 22))
    expect(boundLabels(keys, 'login', identity, label)).toEqual({ handle, id, label })
    const fingerprint = indexed('fingerprint', label).slice(0, 22)
    expect(keys.index('fingerprint', label)).toBe(fingerprint)
  })

  it('digests', () => {
    const kind = hmac(signing, 'digest', namespace, 'login').digest()
    const digest = under(kind, [id], '123456').digest('base64url').slice(0, 22)
    expect(digestOf(keys.signing[0], id, 'login', '123456')).toBe(digest)
  })

  it('seals', async () => {
    const nonce = '_Nonce_with-22-charact'
    const bytes = Buffer.from(nonce, 'base64url')
    expect(bytes[0]).toBe(252)
    const key = hmac(signing, 'data', '252').digest()
    const cipher = createCipheriv('aes-256-gcm', key, bytes.subarray(4))
    cipher.setAAD(Buffer.from(netstrings([namespace, id])))
    const body = Buffer.concat([cipher.update('text', 'utf8'), cipher.final()]).toString(
      'base64url',
    )
    const data = `a.${nonce}${body}${cipher.getAuthTag().toString('base64url')}`
    expect((await openData(keys, id, data))?.text).toBe('text')
  })
})

describe('a code', () => {
  const state = {
    recipient: identity,
    purpose: 'login',
    channel: 'sms',
    locale: 'en',
    alphabet: 'digits',
    codeLength: 6,
    silent: false,
    lifetimeMs: 300_000,
    continues: '',
    codeNonce: '',
  } as const

  it('is written from its own MAC', () => {
    const nonce = 'N'.repeat(22)
    const kind = hmac(signing, 'code', namespace, 'login').digest()
    const made = under(kind, [id], nonce).digest()
    const opened = { state, nonce, key: keys.signing[0] }
    expect(codeOf(opened, id)).toBe(writeCode(made, 'digits', 6))
  })

  it('of a replacement follows from what it replaces, and is kept with it', async () => {
    const codeNonce = indexed('replacement', 'digest').slice(0, 22)
    expect(replacingNonce(keys, 'digest')).toBe(codeNonce)
    const { data } = await createChallenge(keys, id, { ...state, codeNonce })
    expect((await openState(keys, id, data))?.state).toEqual({ ...state, codeNonce })
  })
})

describe('a handle', () => {
  it.each(['A'.repeat(44), `${'-_'.repeat(22)}`])('may be %s', (value) => {
    expect(isHandle(value)).toBe(true)
  })

  it.each([
    '',
    'A'.repeat(43),
    'A'.repeat(45),
    `${'A'.repeat(43)}=`,
    `.${'A'.repeat(44)}`,
    `${'A'.repeat(44)}\n`,
    44,
    null,
    ['A'.repeat(44)],
  ])('is not %j', (value) => {
    expect(isHandle(value)).toBe(false)
  })
})
