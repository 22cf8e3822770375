type Defined<Members> = {
  readonly [Name in keyof Members as undefined extends Members[Name] ? never : Name]: Members[Name]
} & {
  readonly [Name in keyof Members as undefined extends Members[Name] ? Name : never]?: Exclude<
    Members[Name],
    undefined
  >
}

/**
 * An object without the members that are `undefined`, or the very object where none is: what may be
 * missing becomes an optional property, which with `exactOptionalPropertyTypes` may not hold `undefined`.
 */
export function defined<const Members extends object>(members: Members): Defined<Members>
export function defined(members: Readonly<Record<string, unknown>>): object {
  // Done for every message, and five times faster than by way of entries.
  for (const name in members) {
    if (members[name] === undefined) return withoutUndefined(members)
  }
  return members
}

function withoutUndefined(members: Readonly<Record<string, unknown>>): object {
  const kept: Record<string, unknown> = {}
  for (const name in members) {
    if (members[name] !== undefined && Object.hasOwn(members, name)) kept[name] = members[name]
  }
  return kept
}
