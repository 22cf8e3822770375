import { describe, expect, it } from 'vitest'
import { ipBucket } from '../../src/input/ip'
import { networkHolds, parseNetwork } from '../../src/input/network'

const holds = (network: string, address: string) => {
  const parsed = parseNetwork(network)
  const read = ipBucket(address)
  if (parsed === null || !read.ok) throw new Error('neither can be read')
  return networkHolds(parsed, read.bucket)
}

describe('a network', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['198.51.100.0/24', '198.51.100.255', true],
    ['198.51.100.0/24', '198.51.101.0', false],
    ['198.51.100.200/25', '198.51.100.128', true],
    ['198.51.100.200/25', '198.51.100.127', false],
    ['0.0.0.1/0', '203.0.113.7', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::1', true],
    ['2001:db8::/0', '2606:4700::1', true],
    ['2001:db8::/0', '203.0.113.7', false],
    ['0.0.0.1/0', '2001:db8::1', false],
    ['::ffff:203.0.113.7', '203.0.113.7', true],
    ['203.0.113.0/24', 'garbage', false],
  ])('%s holds %s: %s', (network, address, expected) => {
    expect(holds(network, address)).toBe(expected)
  })

  it.each([
    '',
    'garbage',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0/8',
    '2001:db8::/65',
    'from 10.0.0.0/8',
    '10.0.0.0/8 and more',
    '0.0.0.0/0',
    7,
    null,
    ['10.0.0.1'],
  ])('is not read off %j', (input) => {
    expect(parseNetwork(input)).toBeNull()
  })
})
