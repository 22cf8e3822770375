import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testNotRun } from '../not-run'
import { createProject, installRuntimes, type Project } from './build'
import { bundlePage } from './bundle'
import { codeUnder } from './page'
import { askEdge, askWorker } from './run'

const run = promisify(execFile)
const page = 'docs/runtimes.md'

const installed = await installRuntimes()
let project: Project

beforeAll(async () => {
  project = await createProject()
}, 300_000)

afterAll(() => project?.remove())

const secret = 'a-secret-for-tests-only-0123456789abcdef'
const environment = { OTP_SECRET: secret, NODE_ENV: 'development', PORT: '0' }

/** Writes what the page says into the project. */
async function follow(heading: string, name: string): Promise<string> {
  const file = join(project.folder, name)
  await writeFile(file, codeUnder(page, heading))
  return file
}

/** What a server of the page answers, and prints. Its first line says where it listens. */
async function asked(program: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...environment, NO_COLOR: '1' }
  // Bun says it on one output and Deno on the other.
  const server = spawn('sh', ['-c', 'exec "$0" "$@" 2>&1', program, ...args], {
    cwd: project.folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    for await (const line of createInterface(server.stdout)) {
      const [url] = /http:\/\/\S+?:\d+/.exec(line) ?? []
      if (url === undefined) continue
      const answer = await fetch(url.replace('0.0.0.0', '127.0.0.1'))
      return await answer.text()
    }
    throw new Error('it never said where it listens')
  } finally {
    const exit = once(server, 'exit')
    server.kill()
    await exit
  }
}

describe('the page of runtimes, followed in an empty project', () => {
  if ('problem' in installed) {
    testNotRun('the page of runtimes', installed.problem)
    return
  }
  const { folder: runtimes } = installed
  const limit = { timeout: 400_000 }

  it('Bun', limit, async () => {
    await follow('Bun', 'server.ts')
    expect(await asked(join(runtimes, 'bun/bin/bun.exe'), ['server.ts'])).toBe('true')
  })

  it('Deno', limit, async () => {
    await follow('Deno', 'server.ts')
    const flags = [
      'serve',
      '--allow-net',
      '--allow-env',
      '--port',
      '0',
      '--node-modules-dir=manual',
      'server.ts',
    ]
    expect(await asked(join(runtimes, 'deno/deno'), flags)).toBe('true')
  })

  it.each([[[]], [['nodejs_compat']]])(
    'Cloudflare Workers, with the flags %j',
    limit,
    async (flags) => {
      await access(join(runtimes, 'miniflare'))
      await follow('Cloudflare Workers', 'worker.ts')
      const script = await bundlePage(project.folder, 'worker.ts')
      const settings = { script, flags, bindings: { OTP_SECRET: secret } }
      expect(await askWorker(runtimes, settings, '/')).toBe('true')
    },
  )

  it('the edge runtime of Next.js', limit, async () => {
    await follow('The edge runtime of Next.js', 'route.ts')
    await writeFile(
      join(project.folder, 'edge-entry.ts'),
      `import { GET, runtime } from './route'
       addEventListener('fetch', (event) => {
         if (runtime !== 'edge') throw new Error('not on the edge')
         event.respondWith(GET())
       })`,
    )
    const script = await bundlePage(project.folder, 'edge-entry.ts')
    expect(await askEdge({ project: project.folder, runtimes }, script)).toBe('true')
  })

  it.each([
    ['of a module', 'otp.test.mjs'],
    ['with `require`, as Jest makes of TypeScript', 'otp.test.cjs'],
  ])('Jest, a test %s', limit, async (_, name) => {
    const file = await follow('Jest', name)
    if (name.endsWith('cjs')) {
      const required = /import (\{.+?\}) from ('.+?')/g
      await writeFile(file, codeUnder(page, 'Jest').replace(required, 'const $1 = require($2)'))
    }
    const config = JSON.stringify({
      rootDir: project.folder,
      testMatch: [`<rootDir>/${name}`],
      moduleFileExtensions: ['js', 'cjs', 'mjs'],
      transform: {},
    })
    const jest = join(runtimes, 'jest/bin/jest.js')
    const args = ['--experimental-vm-modules', jest, '--config', config]
    const { stderr } = await run(process.execPath, args, { cwd: project.folder })
    expect(stderr).toMatch(/Tests: +1 passed, 1 total/)
  })
})
