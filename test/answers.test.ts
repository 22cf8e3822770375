import { OtpError } from 'otpkit'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { shownFunction } from './shown-function'

const answer = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.record(z.string(), z.unknown()),
})

describe('the answers that the guide gives', () => {
  it('ask for patience in whole seconds, none too few', async () => {
    const answerToSend = await shownFunction('docs/answers.md', 'answerToSend')
    const answerToVerify = await shownFunction('docs/answers.md', 'answerToVerify')
    const refused = { ok: false, reason: 'rate_limited', limit: 'ip', retryAfterMs: 1_001 }
    for (const give of [answerToSend, answerToVerify]) {
      const { status, headers } = answer.parse(give(refused))
      expect([status, headers]).toEqual([429, { 'Retry-After': '2' }])
    }
  })

  it('tell nobody which contacts can be reached', async () => {
    const answerToSend = await shownFunction('docs/answers.md', 'answerToSend')
    const sent = answer.parse(answerToSend({ ok: true }))
    expect(answer.parse(answerToSend({ ok: false, reason: 'undeliverable' }))).toEqual(sent)
  })

  it('open a session for a verified code alone', async () => {
    const answerToVerify = await shownFunction('docs/answers.md', 'answerToVerify')
    const reasons = ['invalid', 'incorrect', 'used', 'expired', 'rate_limited', 'locked']
    const statuses = reasons.map(
      (reason) =>
        answer.parse(answerToVerify({ ok: false, reason, limit: 'ip', retryAfterMs: 1 })).status,
    )
    expect(statuses).toEqual([400, 400, 409, 400, 429, 400])
    expect(answer.parse(answerToVerify({ ok: true })).status).toBe(200)
  })
})

it('the answer to a fault leaves what is not otpkit’s to the framework', async () => {
  const answerToFault = await shownFunction('docs/concepts.md', 'answerToFault')
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(answerToFault(new Error('theirs'))).toBeUndefined()
  expect(logged).not.toHaveBeenCalled()
  const fault = answerToFault(new OtpError('capacity', 'full'))
  expect(answer.parse(fault)).toMatchObject({ status: 503, headers: { 'Retry-After': '60' } })
  expect(logged).toHaveBeenCalledOnce()
  logged.mockRestore()
})
