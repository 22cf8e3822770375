import { onFastify } from '../http/fastify'
import { jsonLog, shortLog } from '../http/log'
import { serve, start } from '../http/serve'
import { welcome } from '../http/welcome'
import { openCodes } from '../setup/codes'
import { firstCall } from './app/first-call'
import { readSettings } from './app/settings'
import { createSite } from './app/site'

await start('service-hub', async () => {
  const settings = readSettings(process.env)
  const { isDevelopment, options, port, host, trustedProxies } = settings
  const log = isDevelopment ? shortLog : jsonLog
  const { database, close } = await openCodes(settings.codes, log)
  const site = createSite({
    options,
    database,
    exposeCode: isDevelopment,
    log,
    trustedProxies,
  })
  const address = await serve({ site, framework: onFastify, port, host, close })
  console.log(
    welcome(
      isDevelopment ? 'ServiceHub, in development: answers hold the codes.' : 'ServiceHub',
      [
        { name: 'Start', address },
        { name: 'API', address: `${address}docs` },
      ],
      [
        ...(isDevelopment ? ['A first call:', '', firstCall(address, options.countries), ''] : []),
        `Codes are kept in ${settings.codes.name}. Ctrl-C ends it.`,
      ],
    ),
  )
})
