import { describe, expect, it } from 'vitest'
import { createKeyring } from '../../src/core/keyring'
import {
  boundLabels,
  type Labels,
  randomLabels,
  readHandle,
  recipientLabel,
} from '../../src/core/labels'

const bytes = (fill: number) => new Uint8Array(32).map((_, at) => fill + at)
const keyring = (index: number, namespace = 'test') =>
  createKeyring([{ id: 'a', bytes: bytes(1) }], bytes(index), namespace)
const keys = keyring(99)
const identity = '+919876543210'

/** All runs of so many characters in a text. */
const runs = (text: string, length: number) =>
  Array.from({ length: text.length - length + 1 }, (_, from) => text.slice(from, from + length))

describe('labels', () => {
  it('are the same for purpose and recipient at any time, and other ones for any other', () => {
    const label = recipientLabel(keys, identity)
    const labels = boundLabels(keys, 'login', identity, label)
    expect(boundLabels(keys, 'login', identity, label)).toEqual(labels)
    expect(labels).toEqual({
      handle: expect.stringMatching(/^[\w-]{44}$/),
      id: expect.stringMatching(/^[\w-]{43}$/),
      label,
    })
    const others = [
      boundLabels(keys, 'login', '+919876543211', label),
      boundLabels(keys, 'signup', identity, label),
      boundLabels(keyring(98), 'login', identity, label),
      boundLabels(keyring(99, 'other'), 'login', identity, label),
      randomLabels(keys, label),
    ]
    const all = [labels, ...others]
    expect(new Set(all.map(({ handle }) => handle)).size).toBe(all.length)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })

  it('S54 S55 are of one length and alphabet, whatever is in them, and no field moves into the next', () => {
    const fields = [
      ['login', '+919876543210'],
      ['login+', '919876543210'],
      ['logi', 'n+919876543210'],
      ['login', '{+919876543210}'],
      ['{login}', '+919876543210'],
      ['5:login', ',+919876543210'],
      ['', 'login+919876543210'],
      ['login+919876543210', ''],
    ] as const
    const label = recipientLabel(keys, identity)
    const all = fields.map(([purpose, to]) => boundLabels(keys, purpose, to, label))
    for (const name of ['handle', 'id'] as const) {
      expect(new Set(all.map((labels) => labels[name])).size).toBe(fields.length)
    }
    for (const { handle, id } of all) expect(handle + id).toMatch(/^[\w-]{87}$/)
    const own = fields.map(([, to]) => recipientLabel(keys, to))
    expect(new Set(own).size).toBe(new Set(fields.map(([, to]) => to)).size)
    for (const each of own) expect(each).toMatch(/^[\w-]{22}$/)
  })

  it('are read off a handle alone, the label included', () => {
    const label = recipientLabel(keys, identity)
    for (const labels of [boundLabels(keys, 'login', identity, label), randomLabels(keys, label)]) {
      expect(readHandle(keys, labels.handle)).toEqual(labels)
    }
  })

  it('lead to nothing with another key, or when one character was changed', () => {
    const labels = randomLabels(keys, recipientLabel(keys, identity))
    expect(readHandle(keyring(98), labels.handle).id).not.toBe(labels.id)
    for (let at = 0; at < labels.handle.length; at += 1) {
      const other = labels.handle.charAt(at) === 'A' ? 'B' : 'A'
      const forged = labels.handle.slice(0, at) + other + labels.handle.slice(at + 1)
      const read = readHandle(keys, forged)
      // The last character of 22 holds bits that no 128 random ones fill.
      expect(read.id === labels.id && read.label === labels.label).toBe(false)
    }
  })

  it('the end of an id is the label, and of a handle it is not', () => {
    const label = recipientLabel(keys, identity)
    const { id, handle } = randomLabels(keys, label)
    expect(id.endsWith(label)).toBe(true)
    expect(handle.endsWith(label)).toBe(false)
  })

  it('of one recipient, two handles have nothing in common, and a handle nothing with its rows', () => {
    const label = recipientLabel(keys, identity)
    const made = Array.from({ length: 50 }, () => randomLabels(keys, label))
    const seen = new Set<string>()
    for (const { handle } of made) {
      for (const run of runs(handle, 8)) {
        expect(seen.has(run)).toBe(false)
        seen.add(run)
      }
    }
    const inRows = made.flatMap(({ id }: Labels) => runs(id, 8))
    expect(inRows.filter((run) => seen.has(run))).toEqual([])
  })
})
