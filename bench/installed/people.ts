/** A number of its own for every index below 100 million. */
export const phone = (index: number) => `+9198${String(index % 100_000_000).padStart(8, '0')}`

/** An address of its own for every index below 2^24. */
export const ip = (index: number) =>
  `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`

/** Another code than this one, of the same length. */
export const wrongFor = (code: string, distance = 1) =>
  String((Number(code) + distance) % 10 ** code.length).padStart(code.length, '0')

/** Calls that come to an end one by one, so many of them under way at a time. */
export async function inFlight(count: number, worker: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, worker))
}
