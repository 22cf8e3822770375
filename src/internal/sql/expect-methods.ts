import { hasMethods } from '../strange-clients'
import { wrongOption } from '../wrong-option'

/** Throws a `TypeError` unless a client has all methods of one of these lists. */
export function expectMethods(
  factory: string,
  option: string,
  client: unknown,
  ...alternatives: readonly (readonly string[])[]
): void {
  if (alternatives.some((methods) => hasMethods(client, ...methods))) return
  const wanted = alternatives.map((methods) => methods.map((method) => `${method}()`).join(' and '))
  throw wrongOption(factory, option, `must have ${wanted.join(', or ')}`)
}
