import { seededIntegers } from '../../src/testing/random'
import { phone } from '../fixture'
import { createBackend, type Scenery } from './backend'
import { holds } from './rules'

/**
 * A stranger's requests, one after another, while deliveries go on behind the answers: once where
 * there is an account, once where there is none, and once where there comes to be one. All three
 * hear the same.
 */
export async function asking(scenery: Scenery): Promise<void> {
  const turning = seededIntegers(scenery.seed)(12)
  const [known, unknown, turned] = await Promise.all([
    course(scenery, () => true),
    course(scenery, () => false),
    course(scenery, (step) => step >= turning),
  ])
  for (const [index, answer] of known.entries()) {
    const seen = `request ${index}: ${answer}, ${unknown[index]}, ${turned[index]}`
    const isSame = answer === unknown[index] && answer === turned[index]
    holds(isSame, 'nobody is told who has an account', seen)
  }
}

async function course(scenery: Scenery, isKnown: (step: number) => boolean): Promise<string[]> {
  const below = seededIntegers(scenery.seed)
  const resend = below(2) === 0 ? 'same' : 'new'
  const bind = below(2) === 0 ? 'recipient' : 'challenge'
  const backend = await createBackend({
    ...scenery,
    settings: {
      resend,
      purposes: { login: { bind }, signup: {}, nothing: {} },
      // Whatever becomes of it is not waited for.
      background: (work) => void work,
      limits: { cooldown: '10s', recipient: [], ip: [], verifyIp: [] },
    },
  })
  const { otp, run, model } = backend
  const handles: string[] = []
  const heard: string[] = []
  for (let step = 0; step < 16; step += 1) {
    model.advance([0, 10_000, 60_000, 130_000][below(4)] ?? 0)
    if (below(4) === 0) backend.refuse(1)
    const challengeId = handles[below(Math.max(1, handles.length))]
    const target =
      challengeId === undefined ? { to: phone, purpose: 'login' as const } : { challengeId }
    const requests = [
      () => backend.send('login', { deliver: isKnown(step) }),
      () => backend.send('login', { deliver: isKnown(step) }),
      () => otp.resend({ ...target, ip: null }),
      () => otp.status(target),
      () => otp.verify({ ...target, purpose: 'login', code: '000000', ip: null }),
    ]
    const request = requests[below(requests.length)] ?? requests[0]
    const [answer] = await run([async () => request?.()])
    if (answer === undefined) throw new Error('there is no answer')
    heard.push(JSON.stringify('challengeId' in answer ? { ...answer, challengeId: '' } : answer))
    if (answer.ok && 'resendInMs' in answer && !handles.includes(answer.challengeId)) {
      handles.push(answer.challengeId)
    }
  }
  return heard
}
