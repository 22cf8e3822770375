/** Whether it is less than so long ago. A host's clock may be set back: then nobody knows, and it is not. */
export function isWithin(durationMs: number, since: number | undefined, now: number): boolean {
  return since !== undefined && now >= since && now - since < durationMs
}
