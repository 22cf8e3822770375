import { ipBucket, unknownIp } from './ip'

/** The addresses whose first bits are the same. */
export interface Network {
  /** The address in bits, without those behind the network's. */
  readonly bits: string
  /** How many bits its addresses have here: 32, or the 64 of an IPv6 /64. */
  readonly size: number
}

/**
 * Reads an address or a network such as `198.51.100.0/24` or `2001:db8::/32`; `null` for anything else.
 * Of IPv6 no more than the first 64 bits are looked at.
 */
export function parseNetwork(input: unknown): Network | null {
  const [, address = '', length] =
    (typeof input === 'string' && /^([0-9A-Fa-f:.]+)(?:\/([0-9]{1,3}))?$/.exec(input)) || []
  const bits = bitsOf(address)
  if (bits === null) return null
  const kept = length === undefined ? bits.length : Number(length)
  if (kept > bits.length) return null
  return { bits: bits.slice(0, kept), size: bits.length }
}

/** Whether the network holds the bucket of an address. */
export function networkHolds({ bits, size }: Network, bucket: string): boolean {
  const address = bitsOf(bucket.replace('/64', ''))
  return address !== null && address.length === size && address.startsWith(bits)
}

function bitsOf(address: string): string | null {
  const read = ipBucket(address)
  if (!read.ok || read.bucket === unknownIp) return null
  const { bucket } = read
  return bucket.includes(':')
    ? bucket
        .replace('::/64', '')
        .split(':')
        .map((group) => binary(group, 16))
        .join('')
    : bucket
        .split('.')
        .map((octet) => binary(octet, 10))
        .join('')
}

function binary(digits: string, radix: 10 | 16): string {
  return Number.parseInt(digits, radix)
    .toString(2)
    .padStart(radix === 16 ? 16 : 8, '0')
}
