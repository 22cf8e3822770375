import { OtpError } from 'otpkit'
import { otpRefusal, usedCode } from '../accounts/otp-refusal'
import type { Refusal } from '../http/route'
import { type KeptProofs, proofLifetimeMs } from './kept-proofs'
import type { Otp, Purpose } from './otp'

/** A code that somebody typed for a contact. */
export interface Typed {
  readonly contact: string
  readonly code: string
  readonly ip: string | null
  /** The field of the request that holds the contact. */
  readonly field: string
}

/** The contact is theirs. */
export type Proven =
  | { readonly ok: true; readonly contact: string }
  | { readonly ok: false; readonly refusal: Refusal }

export type Prove = ReturnType<typeof createProve>

/** What the library says of a code that may have been verified before, and have left a proof. */
const mayHaveLeftProof: ReadonlySet<string> = new Set(['used', 'expired', 'incorrect'])

const registration = 'operator_registration'

/** The ways to use a code: at once, or checked first and used in the registration that follows. */
export function createProve(otp: Otp, proofs: KeptProofs) {
  return {
    /** Uses up a code in the step that it is for. */
    use: async ({ contact, code, ip, field }: Typed, purpose: Purpose): Promise<Proven> => {
      const verified = await otp.verify({ to: contact, purpose, code, ip })
      if (!verified.ok) return { ok: false, refusal: otpRefusal(verified, field) }
      return { ok: true, contact: verified.recipient }
    },

    /**
     * Checks a code, and keeps the proof for the registration that follows. Only there: guesses at a
     * kept proof are on no ledger, and a proof for a login would be worth guessing.
     */
    keep: async ({ contact, code, ip, field }: Typed): Promise<Proven> => {
      const verified = await otp.verify({
        to: contact,
        purpose: registration,
        code,
        ip,
        proof: proofLifetimeMs,
      })
      if (!verified.ok) return { ok: false, refusal: otpRefusal(verified, field) }
      const { recipient, proof } = verified
      if (proof === undefined) throw new OtpError('store_unavailable', 'no proof could be stored')
      await proofs.keep({ contact: recipient, code }, proof)
      return { ok: true, contact: recipient }
    },

    /**
     * Uses up a code of a registration, or else the proof that its verification left. The library
     * goes first: the limit of the address and the lock of the contact then hold for guesses at a
     * kept proof as well.
     */
    useOrRedeem: async ({ contact, code, ip, field }: Typed): Promise<Proven> => {
      const verified = await otp.verify({ to: contact, purpose: registration, code, ip })
      if (verified.ok) return { ok: true, contact: verified.recipient }
      if (mayHaveLeftProof.has(verified.reason)) {
        const kept = await proofs.take({ contact, code })
        if (kept.outcome === 'used') return { ok: false, refusal: usedCode }
        if (kept.outcome === 'taken') {
          const redeemed = await otp.redeem(kept.proof, { purpose: registration, to: contact })
          if (redeemed.ok) return { ok: true, contact: redeemed.recipient }
        }
      }
      return { ok: false, refusal: otpRefusal(verified, field) }
    },
  }
}
