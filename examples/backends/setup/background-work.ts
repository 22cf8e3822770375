/** Work that outlives the answers to which it belongs, such as a message on its way. */
export function backgroundWork() {
  const works = new Set<Promise<void>>()
  return {
    /** For the manager's option of this name. What fails is told by its events. */
    background: (work: Promise<void>): void => {
      const kept = work.finally(() => works.delete(kept))
      works.add(kept)
    },
    /** Ends with the last of them. */
    settled: async (): Promise<void> => {
      await Promise.allSettled(works)
    },
  }
}
