import { onFastify } from '../http/fastify'
import { jsonLog } from '../http/log'
import { serve, start } from '../http/serve'
import { openCodes } from '../setup/codes'
import { readSettings } from './app/settings'
import { createSite } from './app/site'

await start('service-hub', async () => {
  const settings = readSettings(process.env)
  const { isDevelopment, options, port, host, trustedProxies } = settings
  const { database, close } = await openCodes(settings.codes, jsonLog)
  const site = createSite({
    options,
    database,
    exposeCode: isDevelopment,
    log: jsonLog,
    trustedProxies,
  })
  const address = await serve({ site, framework: onFastify, port, host, close })
  console.log(`ServiceHub is at ${address}`)
  console.log(`Codes are kept in ${settings.codes.name}.`)
  if (isDevelopment) console.log('This is development: answers hold the codes.')
})
