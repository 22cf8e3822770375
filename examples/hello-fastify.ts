// The registration of operators in one file: `npm run example hello-fastify`, and codes are printed.
import { randomBytes } from 'node:crypto'
import fastify, { type FastifyReply } from 'fastify'
import { OtpManager, type Refusal } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { consoleDelivery } from 'otpkit/deliveries/console'

const otp = new OtpManager({
  // Memory forgets its codes at a restart anyway. Elsewhere the secret has to stay the same.
  secret: process.env.OTP_SECRET ?? randomBytes(32).toString('base64'),
  database: memory(),
  deliveries: { sms: consoleDelivery() },
  countries: ['IN', 'BD', 'IR'],
  purposes: ['operator_registration'],
})
const purpose = 'operator_registration'
const operators = new Map<string, { readonly phone: string; readonly name: string }>()

/** A body that holds these texts, which Fastify checks. */
const textsOf = (...names: string[]) => ({
  schema: { body: { type: 'object', required: names, additionalProperties: { type: 'string' } } },
})
const app = fastify()

type Register = { Body: { phone: string } }
app.post<Register>('/register', textsOf('phone'), async ({ body, ip }, reply) => {
  const sent = await otp.send({ to: body.phone, channel: 'sms', purpose, ip })
  if (!sent.ok) return refuse(reply, sent)
  const { codeLength, expiresInMs, resendInMs } = sent
  return reply.code(202).send({ codeLength, expiresInMs, resendInMs })
})

type Verify = { Body: { phone: string; code: string; name: string } }
const fields = textsOf('phone', 'code', 'name')
app.post<Verify>('/register/verify', fields, async ({ body, ip }, reply) => {
  const result = await otp.verify({ to: body.phone, code: body.code, purpose, ip })
  if (!result.ok) return refuse(reply, result)
  // The number that was proven, in its one spelling. Whoever was registered stays who they were.
  const phone = result.recipient
  const operator = operators.get(phone) ?? { phone, name: body.name }
  operators.set(phone, operator)
  return reply.code(201).send(operator)
})

function refuse(reply: FastifyReply, refusal: Refusal) {
  if (refusal.reason === 'invalid') {
    return reply.code(400).send({ field: refusal.field, problem: refusal.problem })
  }
  if (refusal.reason === 'rate_limited' || refusal.reason === 'locked') {
    reply.header('Retry-After', Math.ceil(refusal.retryAfterMs / 1000))
    return reply.code(429).send({ message: 'Too many requests.' })
  }
  const isUnreachable = refusal.reason === 'undeliverable'
  const wrong = 'The code is wrong, or no longer good.'
  return reply.code(400).send({ message: isUnreachable ? 'This number cannot be reached.' : wrong })
}

console.log(`hello-fastify is at ${await app.listen({ port: Number(process.env.PORT ?? 3000) })}/`)
