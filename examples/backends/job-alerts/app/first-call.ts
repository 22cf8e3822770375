import { curl } from '../../http/curl'
import { numberToTry } from '../../setup/countries'

/** A registration to begin with: the code then comes to the number. */
export const firstCall = (url: string, countries: Parameters<typeof numberToTry>[0]) =>
  curl(`${url}api/v1/auth/register`, {
    username: 'john_doe',
    mobile_number: numberToTry(countries),
    password: 'securepassword123',
    full_name: 'John Doe',
  })
