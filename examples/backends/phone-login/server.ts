import { onFastify } from '../http/fastify'
import { jsonLog } from '../http/log'
import { serve, start } from '../http/serve'
import { openCodes } from '../setup/codes'
import { openDatabase } from '../setup/database'
import { readSettings } from './settings'
import { createSite } from './site'
import { migrations, type Tables } from './tables'

await start('phone-login', async () => {
  const settings = readSettings(process.env)
  const { database: place, port, host, otp, adminToken, trustedProxies } = settings
  const codes = await openCodes(settings.codes, jsonLog)
  const database = await openDatabase<Tables>(place, 'phone_login', migrations, jsonLog)
  const site = createSite({
    otp,
    codes: codes.database,
    database,
    adminToken,
    trustedProxies,
    log: jsonLog,
    now: Date.now,
  })
  const close = async () => {
    await Promise.all([database.destroy(), codes.close()])
  }
  const address = await serve({ site, framework: onFastify, port, host, close })
  console.log(`Phone login is at ${address}`)
  console.log(`Codes are kept in ${settings.codes.name}, accounts in ${place.name}.`)
  if (process.env.ADMIN_TOKEN === undefined) {
    console.log(`${address}admin/accounts/otptoken/ asks for admin and ${adminToken}`)
  }
})
