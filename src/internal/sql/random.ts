/** A random whole number from 0 up to, not including, `bound`, which is at most 2 to the 48th. */
export function randomBelow(bound: number): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return Math.floor(((high * 0x1_0000 + (low >>> 16)) / 2 ** 48) * bound)
}
