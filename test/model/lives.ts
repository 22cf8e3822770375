import { phone, wrong } from '../fixture'
import { type Backend, createBackend, receive, type Scenery } from './backend'
import { holds } from './rules'

const minute = 60_000
const day = 1_440 * minute

/** One thing after another: what ends a code, what it is afterwards, and how limits go on. */
export async function living(scenery: Scenery): Promise<void> {
  const backend = await createBackend(scenery)
  const { below, model, run } = backend
  const verify = async (code: string) => {
    const guess = { to: phone, purpose: 'login', code, ip: `10.3.0.${below(250)}` } as const
    const [result] = await run([() => backend.otp.verify(guess)])
    return result?.ok ? 'verified' : String(result?.reason)
  }

  const { code } = await receive(backend, 'login')
  if (below(2) === 0) {
    const isOver = below(2) === 0
    model.advance(isOver ? 5 * minute : 5 * minute - 1)
    const answer = await verify(code)
    const isRight = answer === (isOver ? 'expired' : 'verified')
    holds(isRight, 'a code dies with its life', `${answer} where it is over: ${isOver}`)
    holds(model.units(backend.ledger) === 0, 'the ledger is the wrong guesses', answer)
    return expectNext(backend, 'after a life')
  }
  if (below(2) === 0) await verify(wrong(code))
  await verify(code)
  const failures = model.units(backend.ledger)
  holds(failures === 0, 'the ledger is the wrong guesses', `${failures} after a success`)
  const waitMs = [0, 59_999, 60_000][below(3)] ?? 0
  model.advance(waitMs)
  const again = await verify(code)
  const isKept = waitMs < minute
  const invariant = isKept ? 'a code that has verified is used' : 'a code is used for a minute'
  holds(again === (isKept ? 'used' : 'expired'), invariant, `${again} after ${waitMs} ms`)
  return expectNext(backend, 'after a success')
}

/** Every message finds room again, and fewer of them do with a longer ledger. */
async function expectNext(backend: Backend, when: string): Promise<void> {
  const { model, ledger, below, run } = backend
  model.advance(day)
  const failures = [0, 5, 15][below(3)] ?? 0
  model.fill(ledger, failures)
  let sent = 0
  for (let message = 0; message < 7; message += 1) {
    const ip = `10.4.0.${message}`
    const [answer] = await run([() => backend.send('login', { ip })])
    if (answer?.ok) sent += 1
    model.advance(6 * minute)
  }
  const seen = `${sent} in 42 minutes ${when}, at ${failures} failures`
  holds(sent > 0, 'what was charged ages out', seen)
  const most = failures === 0 ? 5 : failures === 5 ? 3 : 1
  holds(sent === most, 'messages get fewer with the ledger', seen)

  model.advance(day)
  model.fill(ledger, 100 - failures)
  const guess = { to: phone, purpose: 'login', code: '000000', ip: null } as const
  const [guessed] = await run([() => backend.otp.verify(guess)])
  const [sentThen] = await run([() => backend.send('login')])
  const answers = [guessed, sentThen]
  const isLocked = answers.every((answer) => answer?.ok === false && answer.reason === 'locked')
  holds(isLocked, 'a full ledger locks', JSON.stringify(answers))
}
