import { equal } from '../internal/equal'
import { openState } from './challenge'
import type { Core } from './context'

/**
 * What a guess at a test recipient's challenge is compared by: the digest that stands there, if the
 * guess is the fixed code. That digest is random. Made of the code, it would be the same for one
 * challenge after another, and so would be all that counts by it.
 */
export async function digestsOfFixed(
  core: Core,
  id: string,
  purpose: string,
  fixedCode: string,
  code: string,
): Promise<readonly string[]> {
  const standing = await core.database.get(id)
  if (standing === null || !equal(fixedCode, code)) return []
  // Nothing but the fixed code can have used it up. For what purpose nobody knows in the minute that it is kept,
  // so under another one it is `used` as well, which opens nothing.
  if (standing.used) return [standing.digest]
  const opened = await openState(core.settings.keys, id, standing.data)
  const isOpen = opened !== null && opened.state.purpose === purpose && !opened.state.silent
  return isOpen ? [standing.digest] : []
}
