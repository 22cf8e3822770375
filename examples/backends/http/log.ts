/** Takes one entry of the log. Its `level` is `info`, `warning` or `error`. */
export type Log = (entry: Readonly<Record<string, unknown>>) => void

const longestMessage = 300

/** Lines of JSON: on stdout what happened, on stderr what somebody should look at. */
export const jsonLog: Log = (entry) => {
  const line = JSON.stringify({ time: new Date().toISOString(), ...entry })
  if (entry.level === 'info') console.log(line)
  else console.error(line)
}

/** For who looks on: one short line a request, and none for the files that pages load. */
export const shortLog: Log = (entry) => {
  const { method, route, status, durationMs } = entry
  if (entry.level !== 'info' || method === undefined) return jsonLog(entry)
  if (String(route).startsWith('/assets/')) return
  console.log(`${method} ${route} ${status} ${durationMs} ms`)
}

/**
 * What an operator needs of a fault: names, codes, messages, places in the code, and the same of
 * its causes.
 */
export function describeFault(fault: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (!(fault instanceof Error)) return { name: typeof fault }
  const code: unknown = Reflect.get(fault, 'code')
  return {
    name: fault.name,
    ...(typeof code === 'string' && { code: withoutPersonalData(code) }),
    message: withoutPersonalData(fault.message),
    at: fault.stack
      ?.match(/^ +at .+$/gm)
      ?.slice(0, 5)
      .map((place) => place.trim()),
    ...(fault.cause !== undefined && depth < 5 && { cause: describeFault(fault.cause, depth + 1) }),
  }
}

// The library's errors hold none. A driver's may quote the row that it failed on.
function withoutPersonalData(text: string): string {
  return text
    .slice(0, longestMessage)
    .replace(/\S+@\S+/g, '[address]')
    .replace(/\+?\d(?:[ .()-]?\d){5,}/g, '[number]')
}
