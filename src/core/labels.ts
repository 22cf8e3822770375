import type { Recipient } from '../input/recipient'
import { combineBase64url } from '../internal/base64url'
import { randomText } from '../internal/crypto'
import { cut, type Keyring, tagLength } from './keyring'
import type { ParsedTarget } from './read-requests'
import { type Named, type Naming, testNameOf, testOf } from './test-recipients'

/**
 * One challenge under the names that different eyes see. None leads to another without the secret:
 * whoever asks for a code of a number learns nothing that finds its rows in a stolen store or its
 * lines in a stolen log.
 *
 * A handle is 22 characters that are random, or follow from purpose and recipient, and the
 * recipient's label behind a mask that follows from them. So the server reads the label off a
 * handle alone, and two random handles of one recipient have nothing in common.
 */
export interface Labels extends Named {
  /** What clients see: `challengeId` of requests and results. */
  readonly handle: string
  /** What the store keeps. It ends in the label, as the recipient's keys in the limiter do. */
  readonly id: string
  /** The recipient's: the same for every purpose, channel and spelling. */
  readonly label: string
}

/** From the folded abuse key, so that every alias of a recipient shares ledger and limits. */
export function recipientLabel(keys: Keyring, abuseKey: string): string {
  return keys.index('recipient', abuseKey)
}

/** The label of a recipient. That of a test recipient is its own, which no alias shares. */
export function nameOf(
  naming: Naming,
  { identity, abuseKey }: Pick<Recipient, 'identity' | 'abuseKey'>,
): Named {
  return testNameOf(naming, identity) ?? { label: recipientLabel(naming.keys, abuseKey) }
}

/** The names that purpose and recipient have at any time: one live challenge each. */
export function boundLabels(
  keys: Keyring,
  purpose: string,
  identity: string,
  label: string,
): Labels {
  return labelsOf(keys, keys.index('handle', purpose, identity), label)
}

/** The same of a recipient that a request names. */
export function ownLabels(
  naming: Naming,
  purpose: string,
  recipient: Pick<Recipient, 'identity' | 'abuseKey'>,
): Labels {
  const { label, fixedCode } = nameOf(naming, recipient)
  const { identity } = recipient
  if (fixedCode === undefined) return boundLabels(naming.keys, purpose, identity, label)
  // One start before two labels, before and after the end of a test, would tie these together.
  return { ...boundLabels(naming.keys, purpose, `test ${identity}`, label), fixedCode }
}

/** Names of its own for a challenge of a recipient that a request names. */
export function challengeLabels(
  naming: Naming,
  recipient: Pick<Recipient, 'identity' | 'abuseKey'>,
): Labels {
  const named = nameOf(naming, recipient)
  return { ...named, ...randomLabels(naming.keys, named.label) }
}

/** The names behind what a request names: a handle, or a recipient and a purpose. */
export function targetLabels(naming: Naming, target: ParsedTarget): Labels {
  if (target.challengeId === undefined) {
    return ownLabels(naming, target.purpose.name, target.recipient)
  }
  const labels = readHandle(naming.keys, target.challengeId)
  const test = testOf(naming, labels.label)
  if (test === undefined) return labels
  if (test !== 'over') return { ...labels, ...test }
  // Nothing was ever put there.
  const id = [naming.keys.indexPair('test over', labels.id)[1], labels.label].join('')
  return { ...labels, id }
}

/** Names of its own for a challenge. */
export function randomLabels(keys: Keyring, label: string): Labels {
  return labelsOf(keys, randomText(), label)
}

/** The names behind a handle, which may have been made up: then nothing is found under them. */
export function readHandle(keys: Keyring, handle: string): Labels {
  const [mask, id] = keys.indexPair('mask', cut(handle, 0, tagLength))
  const label = combineBase64url(handle.slice(tagLength), mask)
  return { handle, id: [id, label].join(''), label }
}

function labelsOf(keys: Keyring, start: string, label: string): Labels {
  const [mask, id] = keys.indexPair('mask', start)
  return {
    handle: [start, combineBase64url(label, mask)].join(''),
    id: [id, label].join(''),
    label,
  }
}

/** Whether a value has the form of a handle. */
export function isHandle(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{44}$/.test(value)
}
