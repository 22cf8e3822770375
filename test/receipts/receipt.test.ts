import fc from 'fast-check'
import type { DeliveryErrorKind } from 'otpkit'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { furtherStatus, type Receipt, type ReceiptStatus } from '../../src/receipt'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
console.info(`test/receipts/receipt.test.ts: OTPKIT_SEED=${seed}`)

const inOrder: readonly ReceiptStatus[] = [
  'unknown',
  'accepted',
  'sent',
  'delivered',
  'failed',
  'read',
]

describe('furtherStatus', () => {
  it('takes the first status as it is', () => {
    for (const status of inOrder) expect(furtherStatus(undefined, status)).toBe(status)
  })

  it('never goes back', () => {
    for (const [place, known] of inOrder.entries()) {
      for (const [reportedPlace, reported] of inOrder.entries()) {
        expect(furtherStatus(known, reported)).toBe(reportedPlace > place ? reported : known)
      }
    }
  })

  it('S77 ends the same however receipts are replayed, duplicated and reordered', () => {
    const last = (statuses: readonly ReceiptStatus[]) =>
      statuses.reduce<ReceiptStatus | undefined>(furtherStatus, undefined)
    const histories = fc.array(fc.constantFrom(...inOrder), { minLength: 1 }).chain((statuses) =>
      fc.tuple(
        fc.constant(statuses),
        fc.shuffledSubarray([...statuses, ...statuses, ...statuses], {
          minLength: statuses.length * 3,
        }),
      ),
    )
    fc.assert(
      fc.property(histories, ([once, oftenAndMixed]) => {
        expect(last(oftenAndMixed)).toBe(last(once))
      }),
      { seed },
    )
  })
})

describe('a receipt', () => {
  it('fails for the kinds of reason for which a delivery fails', () => {
    expectTypeOf<NonNullable<Receipt['kind']>>().toEqualTypeOf<DeliveryErrorKind>()
  })

  it('S77 has nothing that a verification takes', () => {
    expectTypeOf<keyof Receipt>().toEqualTypeOf<
      'provider' | 'messageId' | 'reference' | 'status' | 'kind' | 'providerCode' | 'price'
    >()
  })
})
