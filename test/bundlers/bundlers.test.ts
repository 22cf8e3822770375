import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Installed, installRuntimes, type Project } from '../runtimes/build'

const run = promisify(execFile)

// What a bundle must refuse in production, whatever mode its bundler was told.
const entry = `
import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { consoleDelivery } from 'otpkit/deliveries/console'

const tried = (create) => {
  try {
    create()
    return 'allowed'
  } catch (error) {
    return String(error.message).includes('NODE_ENV') ? 'refused' : String(error)
  }
}
const delivery = { name: 'none', reaches: ['email'], deliver: async () => ({ provider: 'none' }) }
const options = { database: memory(), deliveries: { email: delivery }, purposes: ['login'] }
const secret = 'a-secret-for-tests-only-0123456789abcdef'
console.log(
  tried(() => consoleDelivery()),
  tried(() => new OtpManager({ ...options, secret, exposeCode: true })),
)
`
const right = {
  production: 'refused refused',
  development: 'allowed allowed',
  test: 'allowed allowed',
  '': 'refused refused',
}

let installed: Installed
let project: Project

beforeAll(async () => {
  installed = await installRuntimes()
  project = await createProject()
  await writeFile(join(project.folder, 'entry.mjs'), entry)
}, 500_000)

afterAll(() => project?.remove())

/** What a bundle prints, by the `NODE_ENV` that it runs with. */
async function outcomesOf(file: string): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {}
  for (const mode of Object.keys(right)) {
    const env = { ...process.env, NODE_ENV: mode }
    const { stdout } = await run(process.execPath, [join(project.folder, file)], { env })
    outcomes[mode] = stdout.trim()
  }
  return outcomes
}

const development = '{"NODE_ENV":"development"}'
const esbuildOptions: readonly (readonly [string, BuildOptions])[] = [
  ['its defaults', {}],
  ['its defaults, minified', { minify: true }],
  ['the platform node', { platform: 'node' }],
  [
    'defines of a whole environment',
    { define: { 'process.env': development, 'globalThis.process.env': development } },
  ],
]

describe('S10 what production refuses is refused in a bundle', () => {
  it.each(esbuildOptions)('of esbuild by %s', async (_, options) => {
    const outfile = join(project.folder, 'esbuild.mjs')
    const entryPoints = [join(project.folder, 'entry.mjs')]
    await build({ entryPoints, bundle: true, format: 'esm', outfile, ...options })
    expect(await outcomesOf('esbuild.mjs')).toEqual(right)
  })

  it.each([
    ['rollup', 'rollup.mjs'],
    ['webpack', 'webpack.cjs'],
    ['vite', 'vite.mjs'],
  ])('of %s', async (name, file) => {
    if ('problem' in installed) return console.warn(`NOT RUN: ${name}: ${installed.problem}`)
    const script = resolve('test/bundlers/bundle.cjs')
    await run(process.execPath, [script, name, installed.folder, project.folder])
    expect(await outcomesOf(file)).toEqual(right)
  })

  it('of Bun', async () => {
    if ('problem' in installed) return console.warn(`NOT RUN: Bun: ${installed.problem}`)
    const [from, to] = [join(project.folder, 'entry.mjs'), join(project.folder, 'bun.mjs')]
    const bun = join(installed.folder, 'bun/bin/bun.exe')
    await run(bun, ['build', from, '--minify', '--outfile', to])
    expect(await outcomesOf('bun.mjs')).toEqual(right)
  })
})

describe('the size of a bundle', () => {
  // Half of it are the metadata of telephone numbers, and 30 kB are `zod/mini`.
  it('core, memory and one delivery stay below 345 KiB minified and 106 kB of gzip', async () => {
    const contents = `
      export { OtpManager } from 'otpkit'
      export { memory } from 'otpkit/databases/memory'
      export { twilioSms } from 'otpkit/deliveries/twilio'`
    await writeFile(join(project.folder, 'size.mjs'), contents)
    const outfile = join(project.folder, 'size-bundle.mjs')
    const entryPoints = [join(project.folder, 'size.mjs')]
    await build({ entryPoints, bundle: true, format: 'esm', minify: true, outfile })
    const bytes = readFileSync(outfile)
    const gzip = gzipSync(bytes).length
    console.info(`core, memory and Twilio: ${bytes.length} bytes minified, ${gzip} with gzip`)
    expect(bytes.length).toBeLessThan(345 * 1024)
    expect(gzip).toBeLessThan(106_000)
  })
})
