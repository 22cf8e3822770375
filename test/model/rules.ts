/**
 * The rules of `begin`, `settle` and the challenges and charges under them. The model can be asked
 * to leave any one of them out; each then breaks the invariant that stands beside it.
 */
export const rules = {
  'settle: a guess takes an attempt': 'no more are compared than there are attempts',
  'settle: a success consumes': 'one code verifies once',
  'settle: all of it is one step': 'one code verifies once',
  'settle: a guess is compared only while the ledger has room':
    'the ledger bounds what is compared',
  'settle: a wrong guess is charged to the ledger': 'the ledger bounds what is compared',
  'settle: a guess at nothing is not charged to the ledger': 'the ledger is the wrong guesses',
  'settle: a right guess is not charged to the ledger': 'the ledger is the wrong guesses',
  'settle: a guess too late for the ledger takes no attempt':
    'nothing but a guess uses an attempt up',
  'settle: what is refused is not charged': 'a refusal leaves no trace',
  'settle: what is not refused is charged to its address': 'a guess costs its address one',
  'settle: a full ledger refuses': 'a full ledger locks',
  'settle: a success forgives the failures of its challenge': 'the ledger is the wrong guesses',
  'settle: a success forgives no other failure': 'the ledger is the wrong guesses',
  'settle: forgiveness has a budget': 'the ledger is the wrong guesses',
  'settle: a call is known again': 'whoever verified is told so',
  'used: a later guess takes an attempt': 'no more are compared than there are attempts',
  'used: it is told from wrong': 'a code that has verified is used',
  'used: it is kept for a minute': 'a code is used for a minute',
  'begin: it yields to what stands': 'a code that was sent lives',
  'begin: all of it is one step': 'one message is sent in a cooldown',
  'begin: what is refused is not charged': 'a refusal leaves no trace',
  'begin: what is refused is not put': 'a refusal leaves no trace',
  'begin: each key is charged once': 'a message costs one',
  'begin: no short code is put once the ledger has grown': 'codes grow with the ledger',
  'begin: a full ledger refuses': 'a full ledger locks',
  'begin: limits narrow with the ledger': 'messages get fewer with the ledger',
  'begin: it may replace what it names': 'every request ends',
  'a challenge ends with its life': 'a code dies with its life',
  'a charge ages out of its window': 'what was charged ages out',
  'a refund gives back what it names': 'a message that nobody took costs nothing',
} as const

export type Rule = keyof typeof rules
export type Invariant = (typeof rules)[Rule] | OtherInvariant

/** What the rules of `joined`, and those of the core, hold up besides. */
type OtherInvariant =
  | 'a new code takes the place of an old one'
  | 'strangers change no answer of the owner'
  | 'what was not heard is not charged'
  | 'nobody is told who has an account'

/** Thrown where an invariant does not hold. */
export function broken(invariant: Invariant, seen: string): Error {
  return Object.assign(new Error(`${invariant}: ${seen}`), { invariant })
}

/** Throws unless the invariant holds. */
export function holds(condition: boolean, invariant: Invariant, seen: string): void {
  if (!condition) throw broken(invariant, seen)
}
