import type { ContenderName } from '../protocol'
import type { CreateContender } from './contender'

/** Loads one contender and what it needs, and nothing of the others. */
export async function loadContender(name: ContenderName): Promise<CreateContender> {
  switch (name) {
    case 'floor':
      return (await import('./floor')).createFloor
    case 'hand-made':
      return (await import('./hand-made')).createHandMade
    case 'better-auth':
      return (await import('./better-auth')).createBetterAuth
    case 'otpkit':
      return (await import('./otpkit')).createOtpkit
  }
}
