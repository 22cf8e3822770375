import { describe } from 'vitest'
import { places } from '../fixture'

// The other files of this folder run on a store beside a limiter. What they ask for must hold, to
// the letter, on a database that decides in one step.
describe('on one database', async () => {
  places.kind = 'one database'
  await import('./send.test')
  await import('./resend.test')
  await import('./verify.test')
  await import('./proof.test')
  await import('./lock-out.test')
  await import('./recipient-method.test')
  await import('./test-recipients.test')
})
