import { onFastify } from '../http/fastify'
import { jsonLog } from '../http/log'
import { serve, start } from '../http/serve'
import { openCodes } from '../setup/codes'
import { openDatabase } from '../setup/database'
import { openHistory } from '../setup/history'
import { readSettings } from './settings'
import { createSite } from './site'
import { migrations, type Tables } from './tables'

await start('phone-login', async () => {
  const settings = readSettings(process.env)
  const { database: place, port, host, otp, receipts, trustedProxies } = settings
  const { adminToken, metricsToken } = settings
  const codes = await openCodes(settings.codes, jsonLog)
  const { history, close: closeHistory } = await openHistory(settings.history, jsonLog)
  const database = await openDatabase<Tables>(place, 'phone_login', migrations, jsonLog)
  const site = createSite({
    otp,
    codes: codes.database,
    database,
    history,
    receipts,
    adminToken,
    metricsToken,
    trustedProxies,
    log: jsonLog,
    now: Date.now,
  })
  const close = async () => {
    await Promise.all([database.destroy(), codes.close(), closeHistory()])
  }
  const address = await serve({ site, framework: onFastify, port, host, close })
  console.log(`Phone login is at ${address}`)
  console.log(`Codes are kept in ${settings.codes.name}, accounts in ${place.name}.`)
  console.log(`What happens to codes is noted in ${settings.history.name}.`)
  if (process.env.ADMIN_TOKEN === undefined) {
    console.log(`${address}admin/otp asks for admin and ${adminToken}`)
  }
})
