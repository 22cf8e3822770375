// The only file that looks at the host's environment.

/**
 * `NODE_ENV`, or `undefined` where it is not set, may not be read (Deno without `--allow-env`) or where
 * the runtime has no environment.
 *
 * Read by names, never as `process.env.NODE_ENV`: bundlers replace that by what they take the mode
 * for, "development" by default, and with it what is refused in production would be allowed there.
 */
export function nodeEnvironment(): string | undefined {
  try {
    const host: unknown = Reflect.get(globalThis, 'process')
    const environment: unknown = Reflect.get(Object(host), 'env')
    const value: unknown = Reflect.get(Object(environment), 'NODE_ENV')
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
