import { defined } from '../internal/defined'
import { plainCode, plainReference } from '../internal/plain'
import type { Receipt } from '../receipt'
import { type Core, messageKeyOf } from './context'

/** Tells what a provider reports, in names that lead to no number. Made only if somebody listens. */
export function tellReceipt({ settings, events }: Core, receipt: Receipt): void {
  if (!events.heard) return
  const { provider, messageId, reference, status, kind, providerCode, price } = receipt
  const facts = {
    type: 'receipt',
    at: settings.clock(),
    provider,
    status,
    messageKey: messageKeyOf(settings, provider, messageId),
    reference: plainReference(reference),
    kind,
    providerCode: plainCode(providerCode),
    price,
  } as const
  events.emit(defined(facts))
}
