import { onFastify } from '../http/fastify'
import { jsonLog } from '../http/log'
import { serve, start } from '../http/serve'
import { openCodes } from '../setup/codes'
import { openHistory } from '../setup/history'
import { readSettings } from './app/settings'
import { createSite } from './app/site'

await start('service-hub', async () => {
  const settings = readSettings(process.env)
  const { isDevelopment, options, port, host, trustedProxies } = settings
  const { adminToken, metricsToken } = settings
  const codes = await openCodes(settings.codes, jsonLog)
  const { history, close: closeHistory } = await openHistory(settings.history, jsonLog)
  const site = createSite({
    options,
    database: codes.database,
    history,
    adminToken,
    metricsToken,
    exposeCode: isDevelopment,
    log: jsonLog,
    trustedProxies,
  })
  const close = async () => {
    await Promise.all([codes.close(), closeHistory()])
  }
  const address = await serve({ site, framework: onFastify, port, host, close })
  console.log(`ServiceHub is at ${address}`)
  console.log(`Codes are kept in ${settings.codes.name}.`)
  console.log(`What happens to codes is noted in ${settings.history.name}.`)
  if (process.env.ADMIN_TOKEN === undefined) {
    console.log(`${address}admin/otp asks for admin and ${adminToken}`)
  }
  if (isDevelopment) console.log('This is development: answers hold the codes.')
})
