import { wrongOption } from '../wrong-option'

/** Throws a `TypeError` unless a client has all methods of one of these lists. */
export function expectMethods(
  factory: string,
  option: string,
  client: unknown,
  ...alternatives: readonly (readonly string[])[]
): void {
  const can = (methods: readonly string[]) =>
    typeof client === 'object' &&
    client !== null &&
    methods.every((method) => typeof Reflect.get(client, method) === 'function')
  if (alternatives.some(can)) return
  const wanted = alternatives.map((methods) => methods.map((method) => `${method}()`).join(' and '))
  throw wrongOption(factory, option, `must have ${wanted.join(', or ')}`)
}
