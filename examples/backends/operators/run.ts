import { jsonLog } from '../http/log'
import { serve } from '../http/serve'
import type { WebFramework } from '../http/site'
import { openCodes } from '../setup/codes'
import { openDatabase } from '../setup/database'
import type { Environment } from '../setup/environment'
import { openHistory } from '../setup/history'
import { createBackend } from './backend'
import { readSettings } from './settings'
import { migrations, type Tables } from './tables'

/** Starts the backend on a web framework, as the environment says. */
export async function runOperators(framework: WebFramework, environment: Environment) {
  const settings = readSettings(environment)
  const { database: place, isDevelopment, adminToken } = settings
  const codes = await openCodes(settings.codes, jsonLog)
  const { history, close: closeHistory } = await openHistory(settings.history, jsonLog)
  const steps = migrations(place.name)
  const database = await openDatabase<Tables>(place, 'operators', steps, jsonLog)
  const site = createBackend({
    ...settings,
    otp: { ...settings.otp, database: codes.database },
    database,
    history,
    secureCookies: !isDevelopment,
    log: jsonLog,
  })
  const close = async () => {
    await site.settled()
    await Promise.all([database.destroy(), codes.close(), closeHistory()])
  }
  const url = await serve({ ...settings, site, framework, close })
  console.log(`Operator registration is at ${url}`)
  console.log(`Accounts are kept in ${place.name}, codes in ${settings.codes.name}.`)
  console.log(`What happens to codes is noted in ${settings.history.name}.`)
  if (environment.ADMIN_TOKEN === undefined) {
    console.log(`The token for ${url}admin of this start: ${adminToken}`)
  }
  if (isDevelopment) console.log('Codes that no provider carries are printed here. Ctrl-C ends it.')
}
