import { createHmac } from 'node:crypto'
import { OtpError, type OtpStore } from 'otpkit'
import type { Log } from '../http/log'

/** How long the next step may follow a verification. */
export const proofLifetimeMs = 15 * 60_000

// As many as a challenge has: the kept code is guessed no more easily than the one it was.
const attempts = 3

/** Whose contact it is, and which code proved it. */
export interface ProvenBy {
  readonly contact: string
  readonly code: string
}

export type TakenProof =
  | { readonly outcome: 'taken'; readonly proof: string }
  /** This code took it less than a minute ago. */
  | { readonly outcome: 'used' }
  | { readonly outcome: 'none' }

/**
 * Proofs of contacts that were verified for a registration, for whoever names the contact and the
 * code that verified it.
 */
export interface KeptProofs {
  keep(proven: ProvenBy, proof: string): Promise<void>
  /** The proof, once. A wrong code costs an attempt, and the last one ends the proof. */
  take(proven: ProvenBy): Promise<TakenProof>
}

/**
 * Keeps each proof like a challenge of its own, in a store of the library: it compares, charges
 * and consumes in one step, so guesses and races come to nothing here too. Wrong codes are logged:
 * the failure ledger holds none but those that met a living challenge.
 */
export function keptProofs(store: OtpStore, secret: string, log: Log): KeptProofs {
  const mac = (...fields: readonly string[]) =>
    createHmac('sha256', secret).update(JSON.stringify(fields)).digest('base64url')
  const idOf = ({ contact }: ProvenBy) => mac('kept proof', contact)
  const digestOf = ({ contact, code }: ProvenBy) => mac('kept proof code', contact, code)

  return {
    keep: (proven, proof) =>
      guard(() =>
        store.put({
          id: idOf(proven),
          digest: digestOf(proven),
          attempts,
          ttlMs: proofLifetimeMs,
          data: proof,
        }),
      ),

    take: async (proven) => {
      const id = idOf(proven)
      const attempt = await guard(() => store.attempt(id, [digestOf(proven)]))
      if (attempt.outcome === 'incorrect') {
        const { attemptsLeft } = attempt
        log({ level: 'warning', event: 'kept_proof_guessed', fingerprint: id, attemptsLeft })
      }
      if (attempt.outcome === 'verified') return { outcome: 'taken', proof: attempt.data }
      return { outcome: attempt.outcome === 'used' ? 'used' : 'none' }
    },
  }
}

async function guard<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (cause) {
    throw new OtpError('store_unavailable', 'the store of the kept proofs failed', { cause })
  }
}
