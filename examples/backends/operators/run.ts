import { jsonLog, shortLog } from '../http/log'
import { serve } from '../http/serve'
import type { Site, WebFramework } from '../http/site'
import { type Place, welcome } from '../http/welcome'
import { openCodes } from '../setup/codes'
import { numberToTry } from '../setup/countries'
import { openDatabase } from '../setup/database'
import type { Environment } from '../setup/environment'
import { openHistory } from '../setup/history'
import { createBackend } from './backend'
import { readSettings, type Settings } from './settings'
import { migrations, type Tables } from './tables'

/** Starts the backend on a web framework, as the environment says. */
export async function runOperators(framework: WebFramework, environment: Environment) {
  const settings = readSettings(environment)
  const { database: place, isDevelopment } = settings
  const log = isDevelopment ? shortLog : jsonLog
  const codes = await openCodes(settings.codes, log)
  const { history, close: closeHistory } = await openHistory(settings.history, log)
  const database = await openDatabase<Tables>(place, 'operators', migrations(place.name), log)
  const site = createBackend({
    ...settings,
    otp: { ...settings.otp, database: codes.database },
    database,
    history,
    secureCookies: !isDevelopment,
    log,
  })
  const close = async () => {
    await site.settled()
    await Promise.all([database.destroy(), codes.close(), closeHistory()])
  }
  const url = await serve({ ...settings, site, framework, close })
  const isTokenNew = environment.ADMIN_TOKEN === undefined
  console.log(
    welcome(
      isDevelopment
        ? 'Bus operators, in development: codes that no provider carries are printed here.'
        : 'Bus operators',
      placesOf(site, url, settings, isTokenNew),
      [
        `Accounts are kept in ${place.name}, codes in ${settings.codes.name}, and what happens to ` +
          `them in ${settings.history.name}. Ctrl-C ends it.`,
      ],
    ),
  )
}

/** Where a newcomer goes, in this order. */
function placesOf(
  { routes }: Site,
  url: string,
  { isDevelopment, otp, adminToken }: Settings,
  isTokenNew: boolean,
): readonly Place[] {
  const place = (name: string, path: string, ...hints: readonly string[]): readonly Place[] =>
    routes.some((route) => route.path === path)
      ? [{ name, address: url + path.slice(1), hints }]
      : []
  const number = isDevelopment ? [`a number to try: ${numberToTry(otp.countries)}`] : []
  const token = isTokenNew ? [`with the token ${adminToken}`] : []
  return [
    ...place('Register', '/operator/register', ...number),
    ...place('Administration', '/admin', ...token),
    { name: 'Dashboard', address: `${url}admin/otp` },
    ...place('API', '/docs'),
  ]
}
