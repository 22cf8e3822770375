/**
 * The answer, or the fault that this makes once so many milliseconds are over. What is given up may
 * still be carried out.
 */
export function within<Answer>(
  milliseconds: number,
  answer: Promise<Answer>,
  late: () => Error,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds)
    answer.then(
      (answered) => {
        clearTimeout(timer)
        resolve(answered)
      },
      (error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}

/** Whether a value is a time limit that a timer can keep. */
export function isTimeLimit(value: unknown): boolean {
  return typeof value === 'number' && value >= 1 && value < 2 ** 31
}
