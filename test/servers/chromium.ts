import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { locateProgram } from './locate'

const variable = 'OTPKIT_TEST_CHROMIUM'

/** The path of a Chromium or Chrome. Fonts come with an installed one, for readable screenshots. */
export async function chromiumPath(): Promise<string> {
  const given = process.env[variable]
  if (given === undefined || given === '') {
    return locateProgram({
      name: 'Chromium',
      binaries: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
      apt: 'chromium fonts-noto-core fonts-noto-color-emoji',
      variable,
    })
  }
  await access(given, constants.X_OK).catch((cause: unknown) => {
    throw new Error(`${variable} must be the path of an executable file`, { cause })
  })
  return given
}
