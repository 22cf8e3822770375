/** The same members, for what is still being put together. */
export type Writable<Members> = { -readonly [Name in keyof Members]: Members[Name] }
