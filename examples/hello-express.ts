// The registration of operators in one file: `npm run example hello-express`, and codes are printed.
import { randomBytes } from 'node:crypto'
import express, { type Response } from 'express'
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

const app = express().use(express.json())

app.post('/register', async ({ body, ip = null }, response) => {
  const sent = await otp.send({ to: body?.phone, channel: 'sms', purpose, ip })
  if (!sent.ok) return refuse(response, sent)
  const { codeLength, expiresInMs, resendInMs } = sent
  return response.status(202).json({ codeLength, expiresInMs, resendInMs })
})

app.post('/register/verify', async ({ body, ip = null }, response) => {
  const name = typeof body?.name === 'string' ? body.name.trim() : ''
  if (name === '') return response.status(400).json({ field: 'name' })
  const result = await otp.verify({ to: body.phone, code: body.code, purpose, ip })
  if (!result.ok) return refuse(response, result)
  // The number that was proven, in its one spelling. Whoever was registered stays who they were.
  const phone = result.recipient
  const operator = operators.get(phone) ?? { phone, name }
  operators.set(phone, operator)
  return response.status(201).json(operator)
})

function refuse(response: Response, refusal: Refusal) {
  switch (refusal.reason) {
    case 'invalid':
      return response.status(400).json({ field: refusal.field, problem: refusal.problem })
    case 'rate_limited':
    case 'locked':
      response.set('Retry-After', String(Math.ceil(refusal.retryAfterMs / 1000)))
      return response.status(429).json({ message: 'Too many requests.' })
    case 'undeliverable':
      return response.status(400).json({ message: 'This number cannot be reached.' })
    default:
      return response.status(400).json({ message: 'The code is wrong, or no longer good.' })
  }
}

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const { port } = Object(server.address())
  console.log(`hello-express is at http://localhost:${port}/`)
})
