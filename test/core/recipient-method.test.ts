import { describe, expect, it } from 'vitest'
import { createFixture } from '../fixture'

describe('otp.recipient', () => {
  it('reads what send and verify would, and touches nothing', () => {
    const { otp } = createFixture({ defaultCountry: 'IN' })
    const known = { ok: true, recipient: '+919876543210', kind: 'phone', masked: '+91••••••••10' }
    for (const to of ['+91 98765 43210', '098765-43210', '+९१९८७६५४३२१०']) {
      expect(otp.recipient(to)).toEqual(known)
    }
    expect(otp.recipient(' Person@EXAMPLE.com ')).toEqual({
      ok: true,
      recipient: 'Person@example.com',
      kind: 'email',
      masked: 'P•••@example.com',
    })
  })

  it('refuses what they would refuse', () => {
    const { otp } = createFixture()
    const country = { ok: false, reason: 'invalid', field: 'to', problem: 'country' }
    expect(otp.recipient('+4915123456789')).toEqual(country)
    expect(otp.recipient(['+919876543210'] as never)).toMatchObject({ problem: 'type' })
  })
})
