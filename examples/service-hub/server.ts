import { onFastify } from '../http/fastify'
import { jsonLog } from '../http/log'
import { serve, start } from '../http/serve'
import { openCodes } from '../setup/codes'
import { readSettings } from './app/settings'
import { createSite } from './app/site'

await start('service-hub', async () => {
  const { codes: place, isDevelopment, options, ...settings } = readSettings(process.env)
  const { port, host, trustedProxies } = settings
  const { store, rateLimiter, close } = await openCodes(place, jsonLog)
  try {
    const site = createSite({
      options,
      store,
      rateLimiter,
      exposeCode: isDevelopment,
      log: jsonLog,
      trustedProxies,
    })
    const address = await serve({ site, framework: onFastify, port, host, close })
    console.log(`ServiceHub is at ${address}`)
    console.log(`Codes are kept in ${place.name}.`)
    if (isDevelopment) console.log('This is development: answers hold the codes.')
  } catch (error) {
    // An open connection would keep the process alive.
    await close()
    throw error
  }
})
