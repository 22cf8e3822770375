import { curl } from '../../http/curl'
import { numberToTry } from '../../setup/countries'

/** A code to begin with: in development the answer holds it. */
export const firstCall = (url: string, countries: Parameters<typeof numberToTry>[0]) =>
  curl(`${url}api/users/send-otp/`, { phone: numberToTry(countries) })
