import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An example as a newcomer starts it, on a free port and with a folder of its own for its data. */
export async function startExample(name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'otpkit-picture-'))
  const { PATH } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/backends/run.ts', name], {
    env: { ...(PATH !== undefined && { PATH }), PORT: '0', HOST: '127.0.0.1', DATA_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (text) => {
    printed += text
  })
  const close = async () => {
    if (child.exitCode === null) {
      child.kill()
      await once(child, 'close')
    }
    await rm(folder, { recursive: true, force: true })
  }
  return {
    url: await addressOf(child, () => printed),
    printed: () => printed,
    /** Once it has printed it. */
    waitFor: (text: string) => waitFor(child, () => printed.includes(text)),
    close,
  }
}

async function addressOf(child: ChildProcess, printed: () => string): Promise<string> {
  // The last of what it prints before the first request.
  await waitFor(child, () => printed().includes('Ctrl-C ends it.'))
  const [address = ''] = /http:\/\/[^\s/]+/.exec(printed()) ?? []
  return address
}

async function waitFor(child: ChildProcess, isThere: () => boolean): Promise<void> {
  while (!isThere()) {
    if (child.exitCode !== null || child.stdout === null) throw new Error('the example has ended')
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
  }
}
