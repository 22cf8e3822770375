import { onFastify } from '../http/fastify'
import { jsonLog, shortLog } from '../http/log'
import { serve, start } from '../http/serve'
import { welcome } from '../http/welcome'
import { openCodes } from '../setup/codes'
import { numberToTry } from '../setup/countries'
import { dashboardPlace } from '../setup/dashboard'
import { openDatabase } from '../setup/database'
import { openHistory } from '../setup/history'
import { readSettings } from './settings'
import { createSite } from './site'
import { migrations, type Tables } from './tables'

await start('phone-login', async () => {
  const settings = readSettings(process.env)
  const { database: place, port, host, otp, guard, receipts, trustedProxies } = settings
  const { isDevelopment, adminToken, metricsToken } = settings
  const log = isDevelopment ? shortLog : jsonLog
  const codes = await openCodes(settings.codes, log)
  const { history, close: closeHistory } = await openHistory(settings.history, log)
  const database = await openDatabase<Tables>(place, 'phone_login', migrations, log)
  const site = createSite({
    otp,
    guard,
    codes: codes.database,
    database,
    history,
    receipts,
    adminToken,
    metricsToken,
    trustedProxies,
    log,
    now: Date.now,
  })
  const close = async () => {
    await Promise.all([database.destroy(), codes.close(), closeHistory()])
  }
  const address = await serve({ site, framework: onFastify, port, host, close })
  const number = isDevelopment ? [`a number to try: ${numberToTry(otp.countries)}`] : []
  console.log(
    welcome(
      isDevelopment
        ? 'Phone login, in development: codes that no provider carries are printed here.'
        : 'Phone login',
      [
        { name: 'Log in', address, hints: number },
        dashboardPlace(address, process.env, adminToken),
        { name: 'API', address: `${address}docs` },
      ],
      [
        `Codes are kept in ${settings.codes.name}, accounts in ${place.name}, and what happens to ` +
          `codes in ${settings.history.name}. Ctrl-C ends it.`,
      ],
    ),
  )
})
