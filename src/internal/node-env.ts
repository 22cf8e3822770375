// The only file that looks at the host's environment. Edge runtimes may have no `process` at all.
declare const process: { readonly env?: Readonly<Record<string, string | undefined>> } | undefined

/** `NODE_ENV`, or `undefined` where it is not set or the runtime has no environment. */
export function nodeEnvironment(): string | undefined {
  return typeof process === 'undefined' ? undefined : process.env?.NODE_ENV
}
