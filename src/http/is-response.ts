/** Whether it is a response, of whichever realm, that nobody has read yet. */
export function isNewResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false
  const status: unknown = Reflect.get(value, 'status')
  return (
    typeof status === 'number' &&
    status >= 200 &&
    Reflect.get(value, 'bodyUsed') === false &&
    typeof Reflect.get(value, 'arrayBuffer') === 'function'
  )
}
