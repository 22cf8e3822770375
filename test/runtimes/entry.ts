import { byOptions, byPosition } from '../factory-calls'

/** The lists of `suites.ts`. */
export type Suites = 'standard' | 'races' | 'signatures' | 'providers' | 'databases'

/** What a runtime is to do, and where. */
export interface Task {
  readonly suites: readonly Suites[]
  /** Address of a server that plays a provider, and of one where nobody listens. */
  readonly provider: string
  readonly unreachable: string
}

// How a program hands over what `answer` gives.
const tails = {
  printed: `console.log('\\n@' + JSON.stringify(await answer())); process.exit(0)`,
  exported: 'export { answer }',
  'module worker': 'export default { fetch: async () => Response.json(await answer()) }',
  'event listener': `addEventListener('fetch', (event) =>
    event.respondWith(answer().then((value) => Response.json(value))))`,
} as const

/** A program that makes every factory at its top, and then runs tests and exchanges codes. */
export function entryOf(task: Task, tail: keyof typeof tails): string {
  const files = Object.keys({ ...byOptions, ...byPosition })
  return `
    ${files.map((file, index) => `import * as _${index} from 'otpkit/${file}'`).join('\n')}
    import { byOptions, byPosition } from '../factory-calls'
    import { ${task.suites.join(', ')}, runSuites } from './suites'
    import { exchange, made } from './work'

    const modules = { ${files.map((file, index) => `'${file}': _${index}`).join(', ')} }
    const names = Object.keys(made)
    const refused = []
    for (const [file, calls] of Object.entries({ ...byOptions, ...byPosition })) {
      for (const [name, options] of Object.entries(calls)) {
        try {
          modules[file][name](...options)
          names.push(name)
        } catch (error) {
          refused.push(name + ': ' + error)
        }
      }
    }
    const answer = async () => ({
      names,
      refused,
      outcomes: await runSuites({ ${task.suites.map((list) => `...${list}`).join(', ')} }),
      exchanged: await exchange('${task.provider}', '${task.unreachable}'),
    })
    ${tails[tail]}`
}
