// Codes of Node (undici) and Bun. Anything not known to come before the request went out may have
// come after it.
const connectionCodes =
  /^(ENOTFOUND|EAI_\w+|ECONNREFUSED|EPROTO|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE|ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION|(ERR_TLS_)?CERT_\w+|UNABLE_TO_(GET|VERIFY)_\w+|(DEPTH_ZERO_)?SELF_SIGNED_CERT\w*)$/

// `connect`, and the look-ups of a name: `getaddrinfo`, `queryA`.
const connectionCalls = /^(connect|getaddrinfo|query[A-Z]\w*)$/

// Deno says it in words alone (reqwest's), and Node of a socket that closed while TLS was agreed on.
const connectionWords = /client error \(Connect\)|before secure TLS connection was established/

/**
 * Whether an error proves that no connection came about, so that nothing was sent. It is known by
 * its shape, through causes and lists: errors of another realm (Jest, `vm`) are instances of nothing
 * here.
 */
export function neverConnected(error: unknown, depth = 0): boolean {
  // A cause may lead back to its error.
  if (depth > 8) return false
  const [code, syscall, message] = ['code', 'syscall', 'message'].map((name) => text(error, name))
  if (connectionCodes.test(code ?? '') || connectionCalls.test(syscall ?? '')) return true
  if (connectionWords.test(message ?? '')) return true
  // One error per address that was tried.
  const errors = read(error, 'errors')
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.every((each) => neverConnected(each, depth + 1))
  }
  const cause = read(error, 'cause')
  return cause !== undefined && neverConnected(cause, depth + 1)
}

function text(error: unknown, name: string): string | undefined {
  const value = read(error, name)
  return typeof value === 'string' ? value : undefined
}

// Inherited too: where a runtime keeps a code is its own affair.
function read(error: unknown, name: string): unknown {
  if (typeof error !== 'object' || error === null) return undefined
  try {
    return Reflect.get(error, name)
  } catch {
    return undefined
  }
}
