/** A `POST` of JSON, as it is typed into a shell. Names and values are the caller's own, and hold no quote. */
export function curl(url: string, body: Readonly<Record<string, string>>): string {
  const fields = Object.entries(body).map(([name, value]) => `"${name}": "${value}"`)
  return `curl ${url} -H 'Content-Type: application/json' -d '{ ${fields.join(', ')} }'`
}
