import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

type Layer =
  | 'contract'
  | 'errors'
  | 'input'
  | 'core'
  | 'internal'
  | 'adapter'
  | 'testing'
  | 'wiring'
  | 'http'
  | 'telemetry'
  | 'dashboard'
  | 'page'
  | 'command'

// Whoever wants to bend one of these rules changes this table, in the open.
const mayImport: Readonly<Record<Layer, readonly Layer[]>> = {
  contract: ['contract'],
  errors: ['contract'],
  input: ['input'],
  core: ['contract', 'errors', 'input', 'internal', 'core'],
  internal: ['contract', 'errors', 'internal'],
  adapter: ['contract', 'errors', 'internal'],
  testing: ['contract', 'errors', 'testing'],
  wiring: ['contract', 'errors', 'input', 'internal', 'core', 'adapter', 'wiring'],
  // Of the core its types alone: the manager is given.
  http: ['contract', 'errors', 'core', 'internal', 'http'],
  // As `http`: the manager calls it.
  telemetry: ['contract', 'errors', 'core', 'internal'],
  dashboard: ['contract', 'errors', 'core', 'internal', 'http', 'dashboard'],
  // What runs in a browser: of everything else its types alone.
  page: ['contract', 'core', 'dashboard', 'page'],
  command: ['internal'],
}
const packages = ['zod/mini', 'libphonenumber-js/max']
/** What `testing/` may import besides: its doubles check their options as all factories do. */
const optionChecks = ['known-options', 'check-function', 'wrong-option', 'providers/reach'].map(
  (name) => `src/internal/${name}.ts`,
)
/** A peer of those alone who import this subpath. */
const telemetry = { path: 'src/opentelemetry.ts', package: '@opentelemetry/api' }
/** Inlined into the page when it is built. */
const pagePackages = ['uplot']
/** These ask the runtime what it has; `bin.ts` is a command and so runs on Node alone. */
const seesProcess = ['src/internal/node-env.ts', 'src/internal/crypto.ts', 'src/bin.ts']
/** Waits between attempts at a provider are spread at random; nothing secret hangs on them. */
const mayUseMathRandom = ['src/deliveries/with-retry.ts']
/** The host's clock dates events; whatever is decided goes by the database's. */
const mayReadTheClock = ['src/core/settings.ts']
const barrels = [
  'src/index.ts',
  'src/testing/index.ts',
  'src/http/index.ts',
  'src/dashboard/index.ts',
]

function layerOf(path: string): Layer {
  if (path === 'src/bin.ts') return 'command'
  if (path === telemetry.path) return 'telemetry'
  if (/^src\/(from-environment\.ts$|environment\/)/.test(path)) return 'wiring'
  if (path === 'src/errors.ts') return 'errors'
  if (
    /^src\/(store|rate-limiter|database|delivery|prices|receipt|receiver|conversion|history|trace)\.ts$/.test(
      path,
    )
  )
    return 'contract'
  if (
    /^src\/(databases|stores|rate-limiters|deliveries|receipts|receivers|conversions|histories)\//.test(
      path,
    )
  )
    return 'adapter'
  if (path === 'src/receipts.ts') return 'adapter'
  if (path.startsWith('src/http/')) return 'http'
  if (path.startsWith('src/dashboard/page/')) return 'page'
  if (path.startsWith('src/dashboard/')) return 'dashboard'
  if (path.startsWith('src/internal/')) return 'internal'
  if (path.startsWith('src/input/')) return 'input'
  return path.startsWith('src/testing/') ? 'testing' : 'core'
}

/** Every module that a file names, whatever the syntax, and whether it is exported onwards. */
function modulesOf(file: ts.SourceFile): { name: string; onwards: boolean }[] {
  const found: { name: string; onwards: boolean }[] = []
  const add = (node: ts.Node | undefined, onwards = false) => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push({ name: node.text, onwards })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier)
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, true)
    else if (ts.isExternalModuleReference(node)) add(node.expression)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal)
    } else if (ts.isCallExpression(node)) {
      const { expression } = node
      const isImport = expression.kind === ts.SyntaxKind.ImportKeyword
      if (isImport || (ts.isIdentifier(expression) && expression.text === 'require')) {
        add(node.arguments[0])
        if (!node.arguments.every(ts.isStringLiteralLike)) {
          found.push({ name: 'a computed name', onwards: false })
        }
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  for (const { fileName } of [...file.typeReferenceDirectives, ...file.referencedFiles]) {
    found.push({ name: fileName, onwards: false })
  }
  return found
}

/** The names that a file looks up in the runtime's global scope, `Math.random` being one name. */
function globalsOf(file: ts.SourceFile): Set<string> {
  const found = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const object = node.expression.getText(file)
      found.add(object === 'globalThis' ? node.name.text : `${object}.${node.name.text}`)
      visit(node.expression)
      return
    }
    if (ts.isNewExpression(node)) found.add(`new ${node.expression.getText(file)}`)
    if (ts.isIdentifier(node) && !isMemberName(node)) found.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node
  const hasMember = ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)
  return hasMember && parent.name === node
}

/** What is wrong with a file, by the rules of the house. */
function violations(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const layer = layerOf(path)
  const found: string[] = []

  // Its namespace object cannot be shaken: with it come the texts of forty languages.
  if (/import \{[^}]*\bz\b[^}]*\} from 'zod\/mini'/.test(text)) found.push('imports z by name')
  for (const { name, onwards } of modulesOf(file)) {
    if (!name.startsWith('.')) {
      const allowed = layer === 'page' ? pagePackages : packages
      const isPeer = path === telemetry.path && name === telemetry.package
      if (!isPeer && !allowed.includes(name)) found.push(`imports ${name}`)
      continue
    }
    const target = `${join(dirname(path), name)}.ts`
    const isCheck = layer === 'testing' && optionChecks.includes(target)
    if (!isCheck && !mayImport[layer].includes(layerOf(target))) found.push(`imports ${target}`)
    if (onwards && !barrels.includes(path)) found.push(`exports from ${target}`)
  }

  const globals = globalsOf(file)
  if (!seesProcess.includes(path)) {
    for (const name of ['process', 'Buffer']) if (globals.has(name)) found.push(`uses ${name}`)
  }
  if (globals.has('Math.random') && !mayUseMathRandom.includes(path)) found.push('uses Math.random')
  if (
    layer === 'core' ||
    layer === 'input' ||
    layer === 'contract' ||
    path === 'src/internal/crypto.ts'
  ) {
    const forbidden = mayReadTheClock.includes(path) ? ['new Date'] : ['Date.now', 'new Date']
    for (const name of forbidden) if (globals.has(name)) found.push(`uses ${name}`)
  }

  const lines = text.trimEnd().split('\n').length
  if (lines > 300) found.push(`has ${lines} lines`)
  return found
}

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `src/${path}`)
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }))

describe('the rules of the house', () => {
  it('S01 S87 hold in every file of src', () => {
    expect(sources.length).toBeGreaterThan(40)
    const found = sources.flatMap(({ path, text }) =>
      violations(path, text).map((violation) => `${path} ${violation}`),
    )
    expect(found).toEqual([])
  })

  it('S87 run-time dependencies are zod and libphonenumber-js, and nothing else', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(Object.keys(dependencies).sort()).toEqual(['libphonenumber-js', 'zod'])
  })

  it.each([
    [
      'src/database.ts',
      "import { encode } from './internal/base64url'",
      'imports src/internal/base64url.ts',
    ],
    ['src/databases/redis.ts', "import './memory'", 'imports src/databases/memory.ts'],
    ['src/databases/redis.ts', "import '../stores/redis'", 'imports src/stores/redis.ts'],
    ['src/errors.ts', "import './events'", 'imports src/events.ts'],
    ['src/core/send.ts', "import { a } from '../stores/memory'", 'imports src/stores/memory.ts'],
    ['src/core/send.ts', "import '../dashboard/alarms'", 'imports src/dashboard/alarms.ts'],
    ['src/dashboard/funnel.ts', "import 'uplot'", 'imports uplot'],
    ['src/dashboard/page/chart.ts', "import 'zod/mini'", 'imports zod/mini'],
    ['src/dashboard/page/chart.ts', "import '../../http/problem'", 'imports src/http/problem.ts'],
    ['src/core/send.ts', "export { a } from './verify'", 'exports from src/core/verify.ts'],
    ['src/core/settings.ts', "import '../from-environment'", 'imports src/from-environment.ts'],
    ['src/message/html.ts', "import '../testing/clock'", 'imports src/testing/clock.ts'],
    ['src/stores/redis.ts', "import './memory'", 'imports src/stores/memory.ts'],
    ['src/stores/redis.ts', "import type { A } from '../input/code'", 'imports src/input/code.ts'],
    ['src/receipts/twilio.ts', "type A = import('../input/code').A", 'imports src/input/code.ts'],
    [
      'src/internal/providers/http.ts',
      "await import('../../core/settings')",
      'imports src/core/settings.ts',
    ],
    ['src/testing/clock.ts', "import '../internal/crypto'", 'imports src/internal/crypto.ts'],
    ['src/stores/sql.ts', "import { Pool } from 'pg'", 'imports pg'],
    ['src/stores/sql.ts', "const pg = require('pg')", 'imports pg'],
    ['src/stores/sql.ts', "import pg = require('pg')", 'imports pg'],
    ['src/core/trace.ts', "import '@opentelemetry/api'", 'imports @opentelemetry/api'],
    ['src/otp-manager.ts', "import './opentelemetry'", 'imports src/opentelemetry.ts'],
    ['src/input/code.ts', "import '../internal/crypto'", 'imports src/internal/crypto.ts'],
    ['src/input/code.ts', "import { randomInt } from 'node:crypto'", 'imports node:crypto'],
    ['src/input/code.ts', '/// <reference types="node" />', 'imports node'],
    ['src/input/code.ts', 'await import(name)', 'imports a computed name'],
    ['src/input/code.ts', "Buffer.from('')", 'uses Buffer'],
    ['src/input/code.ts', 'globalThis.process.env', 'uses process'],
    ['src/input/code.ts', 'const options = { host: process }', 'uses process'],
    ['src/input/code.ts', 'Math.random()', 'uses Math.random'],
    ['src/input/code.ts', 'const { now } = { now: Date.now }', 'uses Date.now'],
    ['src/core/challenge.ts', 'new Date().getTime()', 'uses new Date'],
    ['src/core/settings.ts', "import { z } from 'zod/mini'", 'imports z by name'],
    ['src/core/settings.ts', "import * as z from 'zod'", 'imports zod'],
  ])('%s must not hold %j', (path, text, violation) => {
    expect(violations(path, text)).toEqual([violation])
  })

  it('allow 300 lines and no more', () => {
    expect(violations('src/input/code.ts', 'f()\n'.repeat(300))).toEqual([])
    expect(violations('src/input/code.ts', 'f()\n'.repeat(301))).toEqual(['has 301 lines'])
  })

  it('are not broken by comments, strings and members of the same names', () => {
    const text = `
      // import './stores/memory', process.exit(), Math.random()
      const options = { process: 1, random: "import('node:fs')" }
      options.process += "Date.now()".length`
    expect(violations('src/input/code.ts', text)).toEqual([])
  })
})
