import { onFastify } from '../http/fastify'
import { jsonLog, shortLog } from '../http/log'
import { serve, start } from '../http/serve'
import { welcome } from '../http/welcome'
import { openCodes } from '../setup/codes'
import { dashboardPlace } from '../setup/dashboard'
import { openHistory } from '../setup/history'
import { firstCall } from './app/first-call'
import { readSettings } from './app/settings'
import { createSite } from './app/site'

await start('service-hub', async () => {
  const settings = readSettings(process.env)
  const { isDevelopment, options, port, host, trustedProxies } = settings
  const { adminToken, metricsToken } = settings
  const log = isDevelopment ? shortLog : jsonLog
  const codes = await openCodes(settings.codes, log)
  const { history, close: closeHistory } = await openHistory(settings.history, log)
  const site = createSite({
    options,
    database: codes.database,
    history,
    adminToken,
    metricsToken,
    exposeCode: isDevelopment,
    log,
    trustedProxies,
  })
  const close = async () => {
    await Promise.all([codes.close(), closeHistory()])
  }
  const address = await serve({ site, framework: onFastify, port, host, close })
  console.log(
    welcome(
      isDevelopment ? 'ServiceHub, in development: answers hold the codes.' : 'ServiceHub',
      [
        { name: 'Start', address },
        { name: 'API', address: `${address}docs` },
        dashboardPlace(address, process.env, adminToken),
      ],
      [
        ...(isDevelopment ? ['A first call:', '', firstCall(address, options.countries), ''] : []),
        `Codes are kept in ${settings.codes.name}, and what happens to them in ` +
          `${settings.history.name}. Ctrl-C ends it.`,
      ],
    ),
  )
})
