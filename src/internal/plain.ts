/** A provider's field as text, where it is a text or a number of this form. */
export function plain(value: unknown, form: RegExp): string | undefined {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && form.test(text) ? text : undefined
}

/** Only what is certainly a reference of ours: a provider's field could hold a number. */
export function plainReference(value: unknown): string | undefined {
  return plain(value, /^[\w-]{22}$/)
}

/** A provider's code. A long run of digits is left out: it could be the recipient's number. */
export function plainCode(value: unknown): string | undefined {
  const code = plain(value, /^[A-Za-z0-9_.:-]{1,48}$/)
  return code === undefined || /\d{9}/.test(code) ? undefined : code
}
