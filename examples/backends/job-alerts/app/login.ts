import type { AttemptLimits } from '../../accounts/attempt-limits'
import { verifyPassword } from '../../accounts/password'
import type { Answer } from '../../http/post-route'
import type { Refusal } from '../../http/route'
import type { Login } from './requests'
import type { User, Users } from './users'

// One answer for all of it: which it was would tell who is registered.
const refused: Refusal = {
  code: 401,
  message: 'Wrong username, mobile number or password, or the account is not verified yet',
}

/** Lets in who is verified and knows the password. A number that is only claimed finds nobody. */
export function loginWith(users: Users, attempts: AttemptLimits) {
  return async (login: Login, ip: string | null): Promise<Answer> => {
    const byNumber = login.mobile_number !== undefined
    const user = byNumber
      ? await users.byVerified('mobile', login.mobile_number)
      : await users.byUsername(login.username)
    // One account has one limit, by whichever name it is called.
    const name = byNumber ? login.mobile_number : login.username.toLowerCase()
    const attempt = await attempts('login', user === undefined ? name : String(user.id), ip)
    if (!attempt.ok) return attempt
    const isRight = await verifyPassword(login.password, user?.password_hash)
    if (user === undefined || !isRight) return { refusal: refused }
    await attempt.succeeded()
    return { status: 200, json: { message: 'Logged in successfully.', user: shown(user) } }
  }
}

function shown(user: User) {
  const { id: user_id, username, full_name, mobile_number, email } = user
  return {
    user_id,
    username,
    full_name,
    mobile_number,
    mobile_verified: user.mobile_verified_at !== null,
    email,
    email_verified: user.email_verified_at !== null,
  }
}
