/** Where providers say what their codes mean. */
export function errorDocsOf(provider: string | null, code: string | null): string | null {
  const docs = pages.get(provider ?? '')
  if (docs === undefined) return null
  return typeof docs === 'string' ? docs : docs(code)
}

const pages = new Map<string, string | ((code: string | null) => string)>([
  [
    'twilio',
    (code) =>
      `https://www.twilio.com/docs/api/errors${/^\d{5}$/.test(code ?? '') ? `/${code}` : ''}`,
  ],
])
