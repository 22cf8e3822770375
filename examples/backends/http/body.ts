import { invalidFields, type Refusal, type Route } from './route'
import { mostBodyBytes } from './site'

// Both frameworks hand over bytes, so that one place decides what is JSON. No cross-site form can
// send that type, which keeps sessions in cookies out of its reach.

export const mostBytes = (route: Route): number => route.upload?.mostBytes ?? mostBodyBytes

type ReadBody =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly refusal: Refusal }

/** The body as its route takes it: an empty one is no value at all. */
export function readBody(
  route: Route,
  bytes: Buffer,
  header: (name: string) => string | undefined,
): ReadBody {
  const [type = '', ...settings] = (header('content-type') ?? '').split(';')
  const mediaType = type.trim().toLowerCase()
  const isEncoded = (header('content-encoding') ?? 'identity') !== 'identity'
  if (route.upload !== undefined) {
    if (!isEncoded && route.upload.types.includes(mediaType)) return { ok: true, body: bytes }
    return refuse(refusalFor(415, route))
  }
  if (bytes.length === 0) return { ok: true, body: undefined }
  const isUtf8 = settings.every((setting) => /^\s*charset="?utf-?8"?\s*$/i.test(setting))
  if (mediaType !== 'application/json' || isEncoded || !isUtf8) {
    return refuse(refusalFor(415, route))
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { ok: true, body: JSON.parse(text) }
  } catch {
    // The parser's own words quote the body.
    return refuse(invalidFields([{ field: 'body', message: 'Must be well-formed JSON' }]))
  }
}

/** What a framework refused before there was a body to read. Its own words may quote the request. */
export function refusalFor(status: number, route?: Route): Refusal {
  if (status === 404) return { code: 404, message: 'Not found' }
  if (status === 413 && route !== undefined) {
    const most = mostBytes(route) / 1024
    const size = most < 1024 ? `${most} kB` : `${most / 1024} MB`
    return { code: 413, message: `The request body is over ${size}` }
  }
  if (status === 415) {
    const types = route?.upload?.types.join(', ')
    const message = types === undefined ? 'JSON in UTF-8' : `one of ${types}`
    return { code: 415, message: `The request body must be ${message}` }
  }
  return { code: 400, message: 'Invalid request' }
}

function refuse(refusal: Refusal): ReadBody {
  return { ok: false, refusal }
}
