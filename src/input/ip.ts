// 45 for an IPv6 address with an IPv4 one in it; the rest is room for brackets, a zone and a port.
const longestInput = 96

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`)
const ipv6 = /^[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*$/

// How the URL standard writes an IPv4 address inside an IPv6 one: mapped by a socket, or translated on
// the way to a server that has no IPv4 (RFC 6052, RFC 2765).
const mappedIpv4 = /^(?:::ffff:(?:0:)?|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

// What hosts write around an address. Only after brackets or a dotted address is `:443` a port for
// certain. A zone names a network card; `%25` stands for its percent sign in URLs, never in sockets.
const bracketed = /^\[([^[\]]*)\](?::[0-9]{1,5})?$/
const dotted = /^([^[\]%]*\.[0-9]+):[0-9]{1,5}$/
const zone = /%(?!25[^0-9])[0-9A-Za-z._~-]+$/

// What HTTP allows between the parts of a header (RFC 9110, 5.6.3). A line break is never there by itself.
const spaced = /^[ \t]+|[ \t]+$/g

/** The bucket of every address that cannot be read. */
export const unknownIp = 'unknown'
const unknownBucket = { ok: true, bucket: unknownIp } as const

/**
 * The bucket in which requests from this address are counted: an IPv4 address itself, for IPv6 the
 * /64 that one connection is given (`2001:db8:1:2::/64`), and one bucket `unknown` that everything
 * unreadable or absent shares, so that garbage is limited rather than skipped. A port, brackets and a
 * zone are no part of an address: `203.0.113.7:61598`, `[2001:db8::7]:61000` and `fe80::1%eth0` are read, and
 * spaces and tabs around it are not, which stand there after the comma of `X-Forwarded-For`.
 *
 * Anything but a string, `null` or `undefined` is refused: it is a mistake in the calling code.
 */
export function ipBucket(
  input: unknown,
): { readonly ok: true; readonly bucket: string } | { readonly ok: false } {
  if (input === null || input === undefined) return unknownBucket
  if (typeof input !== 'string') return { ok: false }
  if (input.length > longestInput) return unknownBucket
  if (ipv4.test(input)) return ipv4Bucket(input)
  const written = input.replace(spaced, '')
  const [, address = written] = bracketed.exec(written) ?? dotted.exec(written) ?? []
  if (ipv4.test(address)) return ipv4Bucket(address)
  const withoutZone = address.replace(zone, '')
  return ipv6.test(withoutZone) ? ipv6Bucket(withoutZone) : unknownBucket
}

function ipv4Bucket(address: string): { ok: true; bucket: string } {
  return address === '0.0.0.0' ? unknownBucket : { ok: true, bucket: address }
}

function ipv6Bucket(address: string): { ok: true; bucket: string } {
  const url = `http://[${address}]/`
  if (!URL.canParse(url)) return unknownBucket
  // Canonical now: lower case, no leading zeros, the longest run of zeros written `::`.
  const canonical = new URL(url).hostname.slice(1, -1)
  if (canonical === '::') return unknownBucket

  const [mapped, high, low] = mappedIpv4.exec(canonical) ?? []
  if (mapped !== undefined) {
    const bits = Number(`0x${high}`) * 0x10000 + Number(`0x${low}`)
    return ipv4Bucket([24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.'))
  }

  const [start = '', end] = canonical.split('::')
  const groups = start === '' ? [] : start.split(':')
  if (end !== undefined) {
    const last = end === '' ? [] : end.split(':')
    while (groups.length + last.length < 8) groups.push('0')
    groups.push(...last)
  }
  return { ok: true, bucket: `${groups.slice(0, 4).join(':')}::/64` }
}

/** The /48 around the bucket of an IPv6 address, which one customer may be given; else nothing. */
export function networkOf(bucket: string): string | undefined {
  const [, network] = /^([0-9a-f]+(?::[0-9a-f]+){2}):[0-9a-f]+::\/64$/.exec(bucket) ?? []
  return network && `${network}::/48`
}
