import type { AttemptLimits } from '../accounts/attempt-limits'
import { verifyPassword } from '../accounts/password'
import type { Refusal } from '../http/route'
import type { Account, Accounts } from './accounts'
import type { Prove, Typed } from './prove'
import { phoneInPlaceholder } from './views'

export type SignedIn =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly refusal: Refusal }

export type SignIn = ReturnType<typeof createSignIn>

const wrongPassword: Refusal = { code: 401, message: 'Wrong username or password' }

/** The two ways to sign in. What became of an account is told to nobody but its owner. */
export function createSignIn(
  accounts: Accounts,
  prove: Prove,
  attempts: AttemptLimits,
  readContact: (typed: string) => Promise<string | undefined>,
) {
  return {
    withPassword: async (
      username: string,
      password: string,
      ip: string | null,
    ): Promise<SignedIn> => {
      const contact = await readContact(phoneInPlaceholder(username) ?? username)
      const name = contact ?? username.toLowerCase()
      // By username, or by a contact that is proven: a mere claim would name somebody else's account.
      const account = await (contact === undefined
        ? accounts.byUsername(name)
        : accounts.byVerifiedContact(name))
      const subject = account === undefined ? `name ${name}` : subjectOf(account)
      const attempt = await attempts('login', subject, ip)
      if (!attempt.ok) return attempt
      if (!(await verifyPassword(password, account?.password_hash)) || account === undefined) {
        return { ok: false, refusal: wrongPassword }
      }
      await attempt.succeeded()
      return open(account)
    },

    withCode: async (typed: Typed): Promise<SignedIn> => {
      const proven = await prove.use(typed, 'login')
      if (!proven.ok) return proven
      const account = await accounts.byVerifiedContact(proven.contact)
      // Nobody else gets a code for a login: the account must have changed its contact since.
      if (account === undefined) return { ok: false, refusal: wrongPassword }
      return open(account)
    },
  }
}

/** One account has one limit on passwords, by whichever name it is called. */
export const subjectOf = ({ user_id }: Account) => `user ${user_id}`

function open(account: Account): SignedIn {
  const { status } = account
  if (status === 'SUSPENDED') {
    return { ok: false, refusal: { code: 403, message: 'This account is suspended' } }
  }
  if (status === 'REJECTED') {
    return { ok: false, refusal: { code: 403, message: 'This registration was rejected' } }
  }
  return { ok: true, account }
}
