type Defined<Members> = {
  readonly [Name in keyof Members as undefined extends Members[Name] ? never : Name]: Members[Name]
} & {
  readonly [Name in keyof Members as undefined extends Members[Name] ? Name : never]?: Exclude<
    Members[Name],
    undefined
  >
}

/**
 * A copy of an object without the members that are `undefined`: what may be missing becomes an
 * optional property, which with `exactOptionalPropertyTypes` may not hold `undefined`.
 */
export function defined<const Members extends object>(members: Members): Defined<Members>
export function defined(members: Readonly<Record<string, unknown>>): object {
  const kept: Record<string, unknown> = {}
  // Some five times faster than by way of entries, and this is done for every message.
  for (const name in members) {
    if (members[name] !== undefined && Object.hasOwn(members, name)) kept[name] = members[name]
  }
  return kept
}
