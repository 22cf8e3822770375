import { hkdfSync, randomInt, randomUUID } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { jsonObject, requiredOr } from '../accounts/fields'
import { plainCode } from '../accounts/typed-code'

/** How long a question may be answered. */
export const answerSeconds = 120

const anyText = z.string({ error: requiredOr('Must be text') })

/** What the page sends back. Whether it is right, only `passes` says: bad and wrong answers are alike. */
export const answerBody = jsonObject({
  token: anyText.meta({ examples: ['as the refusal had it'] }),
  answer: anyText.overwrite(plainCode).meta({ examples: ['7'] }),
})

/** What the page shows, and the token that it sends back with the answer. */
export const questionView = z.object({ token: z.string(), question: z.string() })
export type Question = z.infer<typeof questionView>

export interface Captcha {
  /** A question for whoever asks for a message to this number. */
  ask(to: string): Promise<Question>
  /** Whether it is the answer to a question for this number. It uses the question up. */
  passes(to: string, answer: z.infer<typeof answerBody>): Promise<boolean>
}

// A type of its own: no other JWT under this key is taken for one (RFC 8725, 3.11).
const type = 'phone-login-question+jwt'

/**
 * A STAND-IN for a captcha: "3 + 4", which every script can solve. It shows where one goes and what
 * it must do: be checked on the server, be good once, for a short time and for one number.
 *
 * A real one takes the place of both functions: `ask` gives the page what its widget needs (a site
 * key), and `passes` asks the provider's server about the token that the widget made, with your
 * secret key. Let the page's policy in page.ts load that widget, and `readGuard` in settings.ts
 * start it in production.
 */
export function standInForCaptcha(secret: string, now: () => number): Captcha {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'phone-login questions', 32))
  /** Questions that had their answer, and when they end. By process: a provider knows its own. */
  const used = new Map<string, number>()

  async function read(to: string, token: string) {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        typ: type,
        subject: to,
        requiredClaims: ['jti', 'exp'],
        currentDate: new Date(now()),
      })
      return payload
    } catch (error) {
      if (error instanceof errors.JOSEError) return {}
      throw error
    }
  }

  return {
    ask: async (to) => {
      const [first, second] = [randomInt(1, 10), randomInt(1, 10)]
      const token = await new SignJWT({ sum: String(first + second) })
        .setProtectedHeader({ alg: 'HS256', typ: type })
        .setSubject(to)
        .setJti(randomUUID())
        .setExpirationTime(Math.floor(now() / 1000) + answerSeconds)
        .sign(key)
      return { token, question: `${first} + ${second}` }
    },
    passes: async (to, { token, answer }) => {
      const { jti, exp, sum } = await read(to, token)
      if (jti === undefined || exp === undefined || used.has(jti)) return false
      for (const [each, end] of used) if (end * 1000 <= now()) used.delete(each)
      // By a wrong answer too: nobody tries all the sums on one question.
      used.set(jti, exp)
      return sum === answer
    },
  }
}
