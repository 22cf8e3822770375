import { describe, expect, it } from 'vitest'
import { createFixture } from '../fixture'

describe('otp.recipient', () => {
  it('reads what send and verify would, and touches nothing', async () => {
    const { otp } = createFixture({ defaultCountry: 'IN' })
    const known = {
      ok: true,
      recipient: '+919876543210',
      kind: 'phone',
      masked: '+91••••••••10',
      fingerprint: expect.stringMatching(/^[\w-]{22}$/),
    }
    for (const to of ['+91 98765 43210', '098765-43210', '+९१९८७६५४३२१०']) {
      expect(await otp.recipient(to)).toEqual(known)
    }
    expect(await otp.recipient(' Person@EXAMPLE.com ')).toEqual({
      ok: true,
      recipient: 'person@example.com',
      kind: 'email',
      masked: 'p•••@example.com',
      fingerprint: expect.stringMatching(/^[\w-]{22}$/),
    })
  })

  it('names a recipient as the events do', async () => {
    const { otp, events, send } = createFixture()
    const known = await otp.recipient('+91 98765 43210')
    await send()
    expect(events.map(({ fingerprint }) => fingerprint)).toEqual([known.ok && known.fingerprint])
  })

  it('refuses what they would refuse', async () => {
    const { otp } = createFixture()
    const country = { ok: false, reason: 'invalid', field: 'to', problem: 'country' }
    expect(await otp.recipient('+4915123456789')).toEqual(country)
    expect(await otp.recipient(['+919876543210'] as never)).toMatchObject({ problem: 'type' })
  })
})
