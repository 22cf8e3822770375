// For the tests beside it: an example in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { client } from './start-site'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Starts an example as `npm start` does, and collects what it prints. */
export function startProcess(
  environment: Readonly<Record<string, string>>,
  name = 'express-operators',
) {
  const { PATH } = process.env
  const env = { ...(PATH === undefined ? {} : { PATH }), PORT: '0', ...environment }
  // Not by tsx's own program, whose child would outlive a SIGKILL.
  const command = ['--import', 'tsx', 'examples/backends/run.ts', name]
  const child = spawn(process.execPath, command, { cwd: root, env })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const printed = { out: '', error: '' }
  child.stdout.on('data', (text) => {
    printed.out += text
  })
  child.stderr.on('data', (text) => {
    printed.error += text
  })
  return { child, printed }
}

/** An example that has started: requests to it, and its end. */
export async function runProcess(environment: Readonly<Record<string, string>>, name?: string) {
  const started = startProcess(environment, name)
  const address = await addressOf(started)
  return {
    ...client(address.replace(/\/$/, '')),
    printed: started.printed,
    end: (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
      started.child.kill(signal)
      return exitCode(started.child)
    },
  }
}

export async function exitCode(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'close')
  return code
}

/** Where it is served, once it is. */
export async function addressOf({ child, printed }: ReturnType<typeof startProcess>) {
  for (;;) {
    const [address] = /http:\/\/[^\s/]+\/(?=\S*\s)/.exec(printed.out) ?? []
    if (address !== undefined) return address
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'close').then(() => {
        throw new Error(`it ended: ${printed.error}`)
      }),
    ])
  }
}
