import { createKeyring } from '../../../src/core/keyring'
import { secret } from '../../fixture'
import { expectThat, type Person } from './truth'
import { levels, type World } from './world'

const dayMs = 86_400_000
const unbounded = 2 ** 40

/** What is known of a recipient's messages. */
interface Book {
  /** Messages that were answered with success. */
  sent: number
  /** Others, each of which may have left a charge. */
  maybe: number
  /** Those since the last success, before this round and in it. */
  before: number
  during: number
  /** Successes of this round, and others that nobody heard of. */
  verified: number
  maybeVerified: number
  /** What the database said at the end of the last round. */
  quarters: number
  forgiven: number
}

/**
 * The books over what was sent and paid, kept from the answers and from what the provider carried, and
 * compared with the logs of the database.
 */
export function createAccount(world: World, everybody: readonly Person[], crowded: string) {
  const { mix, carried, database, namespace } = world
  const bytes = new TextEncoder().encode(secret)
  const keys = createKeyring([{ id: '1', bytes }], bytes, namespace)
  const books = new Map<string, Book>(everybody.map(({ to }) => [to, newBook()]))
  const crowd = newBook()
  let costs = 0
  let maybeCosts = 0
  // Where a refund may be lost, so may what it gives back; and in another language a text may be longer.
  const isExact = !mix.isCut && mix.mode !== 'record'

  const units = async (key: string) => {
    const looked = await database.take([{ key, max: unbounded, windowMs: dayMs, cost: 0 }])
    return looked.used[0] ?? 0
  }
  const bookOf = ({ to }: Person) => books.get(to) ?? crowd

  function checkMoney(charged: number) {
    const paid = carried.reduce((sum, { money }) => sum + money, 0)
    const cap = Math.floor(mix.cap * 0.9 * 100_000 + 0.5)
    expectThat(paid <= cap, `${paid} were paid of ${cap}`)
    expectThat(charged <= cap, `${charged} were charged of ${cap}`)
    expectThat(charged >= paid, `${charged} were charged where ${paid} were paid`)
    if (mix.isLong) {
      const most = 2 * (costs + (mix.isCut ? maybeCosts : 0))
      expectThat(charged <= most, `${charged} were charged, of ${most} at most`)
    } else if (mix.isCut) {
      const most = costs + maybeCosts
      expectThat(charged >= costs, `${charged} were charged where ${costs} were answered`)
      expectThat(charged <= most, `${charged} were charged, of ${most} at most`)
    } else {
      expectThat(charged === costs, `${charged} were charged where ${costs} were answered`)
    }
  }

  /** What the guard lets through of a subject's messages. */
  function checkBound(name: string, sent: number, quarters: number) {
    if (mix.mode !== 'refuse') return
    const { honest, attack, error } = levels[mix.isTight ? 'tight' : 'wide']
    const per = Math.log((1 - attack) / (1 - honest))
    const floor = Math.ceil(Math.log(1 / error) / per)
    const most = floor + ((1 + Math.log(honest / attack) / per + 0.01) * quarters) / 4
    expectThat(sent <= most, `${name} had ${sent} messages, of ${most} that may be`)
  }

  async function checkPerson({ to, kind }: Person, book: Book) {
    const block = keys.index('guard', 'block', to.slice(0, -4))
    const [sent, quarters] = await Promise.all([units(`u${block}`), units(`y${block}`)])
    const arrived = carried.filter((message) => message.to === to).length
    if (kind === 'tester' || kind === 'relayed') {
      expectThat(sent + quarters === 0, `${kind} ${to} is counted`)
      expectThat(kind !== 'tester' || arrived === 0, `a test recipient got ${arrived} messages`)
      return
    }
    expectThat(kind !== 'unknown' || arrived === 0, `somebody unknown got ${arrived} messages`)
    const most = book.sent + (mix.isCut ? book.maybe : 0)
    expectThat(sent <= most, `${kind} ${to}: ${sent} messages are counted of ${most}`)
    if (mix.mode !== 'record') {
      expectThat(sent >= arrived, `${kind} ${to}: ${sent} messages are counted of ${arrived}`)
      expectThat(sent >= book.sent, `${kind} ${to}: ${sent} messages are counted of ${book.sent}`)
    }
    checkForgiven(`${kind} ${to}`, kind, book, sent, quarters)
    checkBound(`${kind} ${to}`, sent, quarters)
  }

  function checkForgiven(
    name: string,
    kind: Person['kind'],
    book: Book,
    sent: number,
    quarters: number,
  ) {
    const { before, during, verified } = book
    const forgiven = quarters - book.quarters - 3 * verified
    const told = `${name}: ${forgiven} messages are forgiven of ${before} and ${during}`
    if (verified === 0) expectThat(quarters === book.quarters, `${told}, for nothing`)
    // A first message that nobody took counts as one, and one that is asked for at the very moment in
    // which a challenge is verified whose place was taken, and a repeat whose answer was lost.
    const spare = mix.fails || mix.isCut || kind === 'turning' ? book.maybe : 0
    if (mix.mode !== 'record') {
      expectThat(book.forgiven + forgiven <= sent + spare, `${told}, and ${sent} in all`)
    }
    expectThat(forgiven <= before + during + spare, told)
    const isWhole = isExact && !mix.fails && mix.resend === 'same' && kind === 'careful'
    if (isWhole && verified > 0) expectThat(forgiven >= Math.max(before, 1), `${told}, not all`)
    const isOver = verified > 0 || book.maybeVerified > 0
    book.before = isOver ? Math.max(0, before + during - Math.max(0, forgiven)) : before + during
    book.during = 0
    book.verified = 0
    book.maybeVerified = 0
    book.quarters = quarters
    book.forgiven += forgiven
  }

  return {
    /** Somebody has asked for a message that costs so much. */
    asked: (person: Person, cost: number, isSent: boolean) => {
      const book = bookOf(person)
      if (isSent) {
        book.sent += 1
        book.during += 1
      } else {
        book.maybe += 1
      }
      if (person.kind === 'tester') return
      if (isSent) costs += cost
      else maybeCosts += cost
    },
    verified: (person: Person) => {
      bookOf(person).verified += 1
    },
    maybeVerified: (person: Person) => {
      bookOf(person).maybeVerified += 1
    },
    check: async () => {
      checkMoney(await units(`s${keys.index('spend', 'IN')}`))
      expectThat(
        (await units(`s${keys.index('spend', '')}`)) ===
          (await units(`s${keys.index('spend', 'IN')}`)),
        'what was spent differs from what was spent in the only country',
      )
      for (const person of everybody) await checkPerson(person, bookOf(person))
      const subjects = [
        ['country', 'IN'],
        ['block', crowded.slice(0, -4)],
        ['ip', '203.0.113.0'],
        ['ip', '203.0.113.1'],
        ['ip', '192.0.2.7'],
      ] as const
      for (const [name, value] of subjects) {
        const key = keys.index('guard', name, value)
        const [sent, quarters] = await Promise.all([units(`u${key}`), units(`y${key}`)])
        checkBound(`${name} ${value}`, sent, quarters)
      }
      const growth = await units(`k${keys.index('guard', 'country', 'IN')}`)
      const verified = await units(`y${keys.index('guard', 'country', 'IN')}`)
      const most = 60 + ((3 / 14) * verified) / 4
      if (mix.mode === 'refuse') expectThat(growth <= most, `${growth} unknown of ${most}`)
    },
  }
}

function newBook(): Book {
  return {
    sent: 0,
    maybe: 0,
    before: 0,
    during: 0,
    verified: 0,
    maybeVerified: 0,
    quarters: 0,
    forgiven: 0,
  }
}
