/**
 * Completes the URL of an SMTP server with what nodemailer leaves out: short timeouts, and TLS
 * before a password is sent. Options in the URL's query stand. Throws a `TypeError` about
 * `SMTP_URL` that does not hold it.
 */
export function completeSmtpUrl(text: string): string {
  // What is between the lines of a value that has several, a URL leaves out.
  const url = /^\S+$/.test(text) && URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || url.hash !== '') {
    throw new TypeError(
      'SMTP_URL must be like smtps://user:password@smtp.example.com:465, with the user and the ' +
        'password percent-encoded',
    )
  }
  const query = url.searchParams
  if (query.has('debug') || query.has('logger')) {
    throw new TypeError('SMTP_URL must not hold debug or logger: they write codes into the log')
  }
  const hasTls =
    url.protocol === 'smtps:' || ['requireTLS', 'ignoreTLS'].some((name) => query.has(name))
  if (url.username !== '' && !hasTls) query.set('requireTLS', 'true')
  for (const [name, timeoutMs] of timeouts) if (!query.has(name)) query.set(name, timeoutMs)
  return url.href
}

const timeouts = [
  ['connectionTimeout', '5000'],
  ['greetingTimeout', '5000'],
  ['socketTimeout', '10000'],
] as const
