import { onExpress } from '../http/express'
import { jsonLog } from '../http/log'
import { serve, start } from '../http/serve'
import { openCodes } from '../setup/codes'
import { openDatabase } from '../setup/database'
import { deliveriesUnderWay } from './app/deliveries-under-way'
import { readSettings } from './app/settings'
import { createSite } from './app/site'
import { migrations, type Tables } from './app/tables'

await start('job-alerts', async () => {
  const settings = readSettings(process.env)
  const { port, host, options, trustedProxies } = settings
  const codes = await openCodes(settings.codes, jsonLog)
  const { store, rateLimiter } = codes
  // What stays open would keep the process alive.
  const toClose = [codes.close]
  const close = async () => {
    for (const each of toClose.toReversed()) await each()
  }
  try {
    const { database: place } = settings
    const steps = migrations(place.name)
    const database = await openDatabase<Tables>(place, 'job_alerts', steps, jsonLog)
    toClose.push(() => database.destroy())
    const { background, settled } = deliveriesUnderWay()
    toClose.push(settled)
    const site = createSite({
      options,
      store,
      rateLimiter,
      background,
      database,
      log: jsonLog,
      trustedProxies,
      now: () => new Date(),
    })
    const address = await serve({ site, framework: onExpress, port, host, close })
    console.log(`Job Alert is at ${address}`)
    console.log(`Users are kept in ${place.name}, codes in ${settings.codes.name}.`)
  } catch (error) {
    await close()
    throw error
  }
})
