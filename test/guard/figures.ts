/** What a message costs, in US dollars. */
export const price = 0.1

export function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`
}
