import { onExpress } from '../http/express'
import { jsonLog } from '../http/log'
import { serve, start } from '../http/serve'
import { backgroundWork } from '../setup/background-work'
import { openCodes } from '../setup/codes'
import { openDatabase } from '../setup/database'
import { openHistory } from '../setup/history'
import { readSettings } from './app/settings'
import { createSite } from './app/site'
import { migrations, type Tables } from './app/tables'

await start('job-alerts', async () => {
  const settings = readSettings(process.env)
  const { database: place, port, host, options, receipts, trustedProxies } = settings
  const { adminToken, metricsToken } = settings
  const codes = await openCodes(settings.codes, jsonLog)
  const { history, close: closeHistory } = await openHistory(settings.history, jsonLog)
  const steps = migrations(place.name)
  const database = await openDatabase<Tables>(place, 'job_alerts', steps, jsonLog)
  const { background, settled } = backgroundWork()
  const site = createSite({
    options,
    codes: codes.database,
    background,
    database,
    history,
    receipts,
    adminToken,
    metricsToken,
    log: jsonLog,
    trustedProxies,
    now: () => new Date(),
  })
  const close = async () => {
    await settled()
    await Promise.all([database.destroy(), codes.close(), closeHistory()])
  }
  const address = await serve({ site, framework: onExpress, port, host, close })
  console.log(`Job Alert is at ${address}`)
  console.log(`Users are kept in ${place.name}, codes in ${settings.codes.name}.`)
  console.log(`What happens to codes is noted in ${settings.history.name}.`)
  if (process.env.ADMIN_TOKEN === undefined) {
    console.log(`${address}admin/otp asks for admin and ${adminToken}`)
  }
})
