import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

const run = promisify(execFile)
const root = resolve('.')
const { version, exports: exported } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Every subpath that the package offers; a `*` stands for each file of that folder. */
const subpaths = Object.keys(exported)
  .filter((path) => path !== './package.json')
  .flatMap((path) => {
    const name = `otpkit${path.slice(1)}`
    if (!name.endsWith('/*')) return [name]
    const files = readdirSync(`src/${path.slice(2, -2)}`)
    return files.map((file) => name.replace('*', file.replace(/\.ts$/, '')))
  })

let folder = ''
let tarball = ''
let project = ''

// As a person would: packed, which builds, and installed in an empty project. The two dependencies
// are the ones that this checkout has, so that nothing needs a network.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otpkit-package-'))
  project = join(folder, 'project')
  tarball = join(folder, `otpkit-${version}.tgz`)
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true }')
  await run('npm', ['pack', '--pack-destination', folder], { maxBuffer: 16 * 1024 * 1024 })
  // And the one peer that a subpath imports.
  const packages = ['zod', 'libphonenumber-js', '@opentelemetry/api']
  const dependencies = packages.map((name) => join(root, 'node_modules', name))
  const flags = ['--offline', '--install-links', '--no-audit', '--no-fund']
  await run('npm', ['install', ...flags, tarball, ...dependencies], { cwd: project })
}, 300_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a script in the empty project, and gives what it printed. */
async function runScript(name: string, script: string, ...flags: string[]): Promise<string> {
  await writeFile(join(project, name), script)
  const { stdout } = await run(process.execPath, [...flags, name], { cwd: project })
  return stdout
}

/** Waits for what a program prints. */
function printedBy(output: Readable) {
  let printed = ''
  output.setEncoding('utf8').on('data', (part) => {
    printed += part
  })
  return async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(printed)
      if (found !== null) return found
      await Promise.race([
        once(output, 'data'),
        once(output, 'close').then(() => {
          throw new Error(`it ended: ${printed}`)
        }),
      ])
    }
  }
}

describe('the packed library', () => {
  it('S90 holds the build and the documents, and nothing else', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball])
    const files = stdout.trimEnd().split('\n')
    const documents = ['package.json', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE']
    for (const name of documents) expect(files).toContain(`package/${name}`)
    const others = files.filter((path) => !documents.includes(path.slice('package/'.length)))
    expect(
      others.filter((path) => !/^package\/dist\/.+\.(js|cjs|d\.ts|d\.cts)$/.test(path)),
    ).toEqual([])
  })

  it('S89 has no script that runs at installation', () => {
    const { scripts } = JSON.parse(
      readFileSync(join(project, 'node_modules/otpkit/package.json'), 'utf8'),
    )
    const names = ['preinstall', 'install', 'postinstall', 'prepare']
    expect(names.filter((name) => name in scripts)).toEqual([])
  })

  it('S87 imports its two dependencies, and nothing of Node', () => {
    const dist = join(project, 'node_modules/otpkit/dist')
    const imported = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(js|cjs|ts|cts)$/.test(path) && !/^opentelemetry\./.test(path))
      .flatMap((path) => ts.preProcessFile(readFileSync(join(dist, path), 'utf8')).importedFiles)
      .map(({ fileName }) => fileName)
      .filter((name) => !name.startsWith('.'))
    expect([...new Set(imported)].sort()).toEqual(['libphonenumber-js/max', 'zod/mini'])
  })

  it('offers the same names to import and to require, on every subpath', async () => {
    const list = JSON.stringify(subpaths)
    const esm = await runScript(
      'names.mjs',
      `for (const path of ${list}) {
        const { default: _, ...names } = await import(path)
        console.log(path, Object.keys(names).sort().join())
      }`,
    )
    const cjs = await runScript(
      'names.cjs',
      `for (const path of ${list}) console.log(path, Object.keys(require(path)).sort().join())`,
    )
    expect(esm).toBe(cjs)
    expect(esm.trimEnd().split('\n')).toHaveLength(subpaths.length)
    for (const line of esm.trimEnd().split('\n')) expect(line).toMatch(/^otpkit\S* \w/)
  })

  it('S89 does nothing when it is imported', async () => {
    const trap = `
      const trapped = (name) => () => { throw new Error(name + ' was called at import') }
      for (const name of ['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']) {
        globalThis[name] = trapped(name)
      }
      for (const name of ['log', 'info', 'warn', 'error', 'debug']) console[name] = trapped(name)
      const network = require('node:net').Socket.prototype
      network.connect = trapped('connect')
      require('node:dns').lookup = trapped('lookup')
      for (const name of ['writeFile', 'writeFileSync', 'appendFile', 'appendFileSync', 'mkdir']) {
        require('node:fs')[name] = trapped(name)
      }
      const before = process.getActiveResourcesInfo().length
      for (const path of ${JSON.stringify(subpaths)}) require(path)
      const after = process.getActiveResourcesInfo().length
      require('node:process').stdout.write(after - before + ' resources')`
    expect(await runScript('trap.cjs', trap)).toBe('0 resources')
  })

  it('knows its errors, whichever of its two builds made them', async () => {
    const script = `
      import { createRequire } from 'node:module'
      import * as esm from 'otpkit'
      import { fallback } from 'otpkit/deliveries/fallback'
      const require = createRequire(import.meta.url)
      const cjs = require('otpkit')
      const failing = ({ DeliveryError }) => ({
        name: 'failing', reaches: ['email'],
        async deliver() { throw new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'failing' }) },
      })
      const working = { name: 'working', reaches: ['email'], deliver: async () => ({ provider: 'working' }) }
      const message = { to: 'person@example.com', channel: 'email', content: { text: '' } }
      for (const [maker, other, route] of [
        [cjs, esm, fallback], [esm, cjs, require('otpkit/deliveries/fallback').fallback],
      ]) {
        const fault = new maker.OtpError('capacity', 'full')
        const failure = await failing(maker).deliver().catch((error) => error)
        const { provider } = await route(failing(maker), working).deliver(message)
        console.log(
          maker.OtpError !== other.OtpError, other.isOtpError(fault), other.isOtpError(failure),
          other.isDeliveryError(failure), other.isDeliveryError(fault), provider,
        )
      }`
    const line = 'true true false true false working\n'
    expect(await runScript('errors.mjs', script)).toBe(line + line)
  })

  it.each(['nodenext', 'bundler'] as const)(
    'has types for every subpath under %s',
    (resolution) => {
      const imports = subpaths.map((path, index) => `import * as _${index} from '${path}'`)
      const used = `export const all = [${subpaths.map((_, index) => `_${index}`).join()}]`
      const sample = `
      export async function prove(otp: _0.OtpManager<'sms', 'login'>): Promise<string | undefined> {
        // @ts-expect-error: there is no such purpose
        await otp.send({ to: '', channel: 'sms', purpose: 'signup', ip: null })
        const result = await otp.verify({ to: '', purpose: 'login', code: '', ip: null })
        if (!result.ok) return undefined
        return result.recipient satisfies string
      }`
      const names = resolution === 'bundler' ? ['sample.ts'] : ['sample.mts', 'sample.cts']
      const files = names.map((name) => join(project, name).replaceAll('\\', '/'))
      const isNodeNext = resolution === 'nodenext'
      const options: ts.CompilerOptions = {
        strict: true,
        noEmit: true,
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2022.d.ts'],
        module: isNodeNext ? ts.ModuleKind.NodeNext : ts.ModuleKind.ESNext,
        moduleResolution: isNodeNext
          ? ts.ModuleResolutionKind.NodeNext
          : ts.ModuleResolutionKind.Bundler,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
      }
      const host = ts.createCompilerHost(options)
      const { getSourceFile, fileExists } = host
      const text = [...imports, used, sample].join('\n')
      host.fileExists = (name) => files.includes(name) || fileExists(name)
      host.getSourceFile = (name, version, ...rest) =>
        files.includes(name)
          ? ts.createSourceFile(name, text, version)
          : getSourceFile(name, version, ...rest)
      const problems = ts
        .getPreEmitDiagnostics(ts.createProgram(files, options, host))
        .map(({ file, messageText }) => `${file?.fileName} ${JSON.stringify(messageText)}`)
      expect(problems).toEqual([])
    },
  )

  it('prints the schema of a database as `npx otpkit` does', async () => {
    const command = join(project, 'node_modules/.bin/otpkit')
    const { stdout } = await run(command, ['schema', 'postgres'])
    expect(stdout).toContain('CREATE TABLE')
    await expect(run(command, ['schema', 'oracle'])).rejects.toThrow(/Usage: otpkit schema/)
  })

  it('is clean to publint and to arethetypeswrong', async () => {
    await run('npx', ['--no-install', 'publint', 'run', tarball, '--strict'])
    await run('npx', ['--no-install', 'attw', tarball, '--profile', 'node16'])
  })

  it('sends and verifies the first code as the README shows it', async () => {
    const example = /```ts\n([\s\S]+?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? ''
    await writeFile(join(project, 'first-code.mjs'), example)
    const child = spawn(process.execPath, ['first-code.mjs'], {
      cwd: project,
      env: {
        ...process.env,
        NODE_ENV: 'development',
        OTP_SECRET: randomBytes(32).toString('base64'),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let printed = ''
    let answered = false
    for await (const part of child.stdout) {
      printed += part
      const code = /: (\d{6})\n/.exec(printed)?.[1]
      if (code !== undefined && !answered) {
        answered = true
        child.stdin.end(`${code}\n`)
      }
    }
    expect(printed).toContain("recipient: 'ada@example.com'")
  })

  it('logs in by a code as the guide for newcomers shows it', async () => {
    const guide = readFileSync('docs/start.md', 'utf8')
    const block = (language: string) =>
      new RegExp(`^\`\`\`${language}\\n([\\s\\S]+?)^\`\`\``, 'm').exec(guide)?.[1] ?? ''
    await writeFile(join(project, 'server.mjs'), block('js'))
    await writeFile(join(project, 'page.html'), block('html'))
    const secret = randomBytes(32).toString('base64')
    const child = spawn(process.execPath, ['server.mjs'], {
      cwd: project,
      env: { ...process.env, NODE_ENV: 'development', OTP_SECRET: secret, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => {
      child.kill()
    })
    const printed = printedBy(child.stdout)
    const [, url = ''] = await printed(/(http:\S+)\//)
    const post = (action: string, fields: Readonly<Record<string, string>>) => {
      const headers = { 'content-type': 'application/json' }
      return fetch(`${url}/otp/${action}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(fields),
      })
    }

    const page = await fetch(url)
    expect(await page.text()).toContain('autocomplete="one-time-code"')
    const to = '+91 98765 43210'
    expect(await (await post('send', { to })).json()).toMatchObject({ codeLength: 6 })
    const [, code = ''] = await printed(/: (\d{6})\n/)
    const verified = await post('verify', { to, code })
    expect(await verified.json()).toEqual({ recipient: '+919876543210' })
    const [cookie = ''] = (verified.headers.get('set-cookie') ?? '').split(';')
    const me = await fetch(`${url}/me`, { headers: { cookie } })
    expect(await me.text()).toBe('+919876543210')
    expect(await (await fetch(`${url}/me`)).text()).toBe('nobody')
  })

  it('proves the store, the limiter and the delivery of the guide by its own kits', async () => {
    const guide = readFileSync('docs/adapters.md', 'utf8')
    const blocks = [...guide.matchAll(/```ts\n([\s\S]+?)```/g)].map(([, code = '']) => code)
    const tests = blocks.filter((code) => code.includes("from 'node:test'"))
    expect(tests).toHaveLength(3)
    for (const [index, code] of tests.entries()) {
      const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
      const script = ts.transpileModule(code, { compilerOptions: options }).outputText
      const printed = await runScript(`guide-${index}.mjs`, script, '--test', '--test-reporter=tap')
      expect(printed).toMatch(/^# pass [1-9]\d*$/m)
      expect(printed).toMatch(/^# fail 0$/m)
      const adapter = code.slice(code.indexOf('export function'), code.indexOf('\ndescribe('))
      expect(adapter.trimEnd().split('\n').length).toBeLessThan(60)
    }
  })
})
