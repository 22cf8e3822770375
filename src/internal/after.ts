/** Goes on with a value: at once where it is there, or when it has come. */
export function after<Value extends object | string, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value)
}
