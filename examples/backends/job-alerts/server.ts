import { onExpress } from '../http/express'
import { jsonLog, shortLog } from '../http/log'
import { serve, start } from '../http/serve'
import { welcome } from '../http/welcome'
import { backgroundWork } from '../setup/background-work'
import { openCodes } from '../setup/codes'
import { dashboardPlace } from '../setup/dashboard'
import { openDatabase } from '../setup/database'
import { openHistory } from '../setup/history'
import { firstCall } from './app/first-call'
import { readSettings } from './app/settings'
import { createSite } from './app/site'
import { migrations, type Tables } from './app/tables'

await start('job-alerts', async () => {
  const settings = readSettings(process.env)
  const { database: place, port, host, options, receipts, trustedProxies } = settings
  const { isDevelopment, adminToken, metricsToken } = settings
  const log = isDevelopment ? shortLog : jsonLog
  const codes = await openCodes(settings.codes, log)
  const { history, close: closeHistory } = await openHistory(settings.history, log)
  const steps = migrations(place.name)
  const database = await openDatabase<Tables>(place, 'job_alerts', steps, log)
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
    log,
    trustedProxies,
    now: () => new Date(),
  })
  const close = async () => {
    await settled()
    await Promise.all([database.destroy(), codes.close(), closeHistory()])
  }
  const address = await serve({ site, framework: onExpress, port, host, close })
  console.log(
    welcome(
      isDevelopment
        ? 'Job Alert, in development: codes that no provider carries are printed here.'
        : 'Job Alert',
      [
        { name: 'Start', address },
        { name: 'API', address: `${address}docs` },
        dashboardPlace(address, process.env, adminToken),
      ],
      [
        ...(isDevelopment ? ['A first call:', '', firstCall(address, options.countries), ''] : []),
        `Users are kept in ${place.name}, codes in ${settings.codes.name}, and what happens to ` +
          `them in ${settings.history.name}. Ctrl-C ends it.`,
      ],
    ),
  )
})
