import type { Log } from '../http/log'
import { type AccessTokens, accessSeconds } from './access-tokens'
import type { RefreshFamilies } from './refresh-families'

/** The tokens of a session, as the API returns them. */
export interface SessionTokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly token_type: 'Bearer'
  /** Seconds that the access token is good for. */
  readonly expires_in: number
}

export interface Sessions {
  start(accountId: string): Promise<SessionTokens>
  /** New tokens for a refresh token, or nothing. */
  refresh(refreshToken: string): Promise<SessionTokens | undefined>
  end(refreshToken: string): Promise<void>
  /** The account that an access token is for. */
  accountOf(accessToken: string): Promise<string | undefined>
}

export function createSessions(
  access: AccessTokens,
  families: RefreshFamilies,
  log: Log,
): Sessions {
  const tokens = async (accountId: string, refreshToken: string): Promise<SessionTokens> => ({
    access_token: await access.issue(accountId),
    refresh_token: refreshToken,
    token_type: 'Bearer',
    expires_in: accessSeconds,
  })
  return {
    start: async (accountId) => tokens(accountId, await families.start(accountId)),
    refresh: async (refreshToken) => {
      const rotation = await families.rotate(refreshToken)
      if (rotation.ok) return tokens(rotation.accountId, rotation.token)
      const { reusedBy } = rotation
      if (reusedBy !== undefined) {
        log({ level: 'warning', event: 'refresh_token_reused', accountId: reusedBy })
      }
      return undefined
    },
    end: (refreshToken) => families.end(refreshToken),
    accountOf: (accessToken) => access.read(accessToken),
  }
}
