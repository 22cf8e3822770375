import {
  type Delivery,
  DeliveryError,
  isDeliveryError,
  type Limit,
  type OtpDatabase,
  type Policy,
} from 'otpkit'
import type { Fault } from './world'

const isVerified = ({ key, cost }: Limit) => key.startsWith('y') && cost !== 0

/** The limits over keys of this kind never refuse. */
function opened(database: OtpDatabase, isOpen: (key: string) => boolean): OtpDatabase {
  return {
    ...database,
    begin: (beginning) => {
      const open = (limit: Policy['limits'][number]) => {
        const { plus: _, ...plain } = limit
        return isOpen(beginning.keys[limit.key] ?? '') ? { ...plain, max: 2 ** 40 } : limit
      }
      const [first, ...rest] = beginning.policy.limits
      const policy: Policy = { ...beginning.policy, limits: [first, ...rest.map(open)] }
      return database.begin({ ...beginning, policy })
    },
  }
}

/** Says of a message that may still arrive that it certainly does not. */
function sure(delivery: Delivery): Delivery {
  return {
    ...delivery,
    deliver: (...message) =>
      delivery.deliver(...message).catch((error: unknown) => {
        if (isDeliveryError(error)) throw error
        throw new DeliveryError({ kind: 'unavailable', sent: 'no', provider: delivery.name })
      }),
  }
}

/** What a storm must show, and how it is seen. */
export const broken: readonly (Fault & { readonly shows: RegExp })[] = [
  {
    name: 'what verified is counted twice',
    shows: /messages are forgiven/,
    database: (database) => ({
      ...database,
      take: async (limits) => {
        if (limits.some(isVerified)) await database.take(limits)
        return database.take(limits)
      },
    }),
  },
  {
    name: 'what verified is never counted',
    mix: { mode: 'challenge', isCut: false, fails: false, resend: 'same' },
    shows: /not all/,
    database: (database) => ({
      ...database,
      take: (limits) =>
        database.take(limits.map((limit) => (isVerified(limit) ? { ...limit, cost: 0 } : limit))),
    }),
  },
  {
    name: 'caps that refuse nothing',
    shows: /were (paid|charged) of/,
    database: (database) => opened(database, (key) => key.startsWith('s')),
  },
  {
    name: 'tests that refuse nothing',
    mix: { mode: 'refuse', isTight: true, cap: 1_000 },
    shows: /that may be/,
    database: (database) => opened(database, (key) => key.startsWith('u')),
  },
  {
    name: 'a refund that never arrives',
    mix: { isCut: false, fails: true, isBehind: false },
    shows: /charged(,| where)|counted of/,
    database: (database) => ({ ...database, refund: async () => undefined }),
  },
  {
    name: 'a refund of a message that may still arrive',
    mix: { isBehind: false },
    shows: /charged where|counted of/,
    manager: (settings) => {
      const { sms, whatsapp } = settings.deliveries
      return { ...settings, deliveries: { sms: sure(sms), whatsapp: sure(whatsapp) } }
    },
  },
  {
    name: 'a step that is asked anew when its answer was lost',
    mix: { isCut: true },
    shows: /charged, of|counted of/,
    manager: (settings) => {
      const { database } = settings
      const begin: OtpDatabase['begin'] = (beginning) =>
        database.begin(beginning).catch(() => database.begin(beginning))
      return { ...settings, database: { ...database, begin } }
    },
  },
  {
    name: 'a process that knows no test recipient',
    shows: /test recipient got|tester .* counted|tester verified/,
    manager: ({ testRecipients, ...settings }, number) =>
      number === 3 || testRecipients === undefined ? settings : { ...settings, testRecipients },
  },
  {
    name: 'a withheld message that costs nothing',
    shows: /charged where|counted of/,
    face: (otp) =>
      new Proxy(otp, {
        get: (_, name) => {
          if (name !== 'send') {
            const member: unknown = Reflect.get(otp, name)
            return typeof member === 'function' ? member.bind(otp) : member
          }
          return async (request: Parameters<typeof otp.send>[0]) =>
            request.deliver === false ? { ok: true } : otp.send(request)
        },
      }),
  },
]
