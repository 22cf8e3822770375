/**
 * What is wrong with a secret, as the rest of a sentence, or `undefined` for one that is good. That
 * it is random cannot be seen, but that it repeats a few characters can.
 */
export function secretProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length < 32) return 'must be 32 bytes or more'
  return new Set(bytes).size < 8 ? 'must be random: it repeats a few characters' : undefined
}
