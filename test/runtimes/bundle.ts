import { readFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { join, resolve } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/** The packages that tests of databases use; a runtime with files finds them in the project. */
export const clients = ['ioredis', 'redis', 'pg'] as const

/** Bundles an entry of the tests for a runtime that has Node's modules; the library stays outside. */
export async function bundleTests(
  folder: string,
  contents: string,
  name: string,
  format: 'esm' | 'cjs' = 'esm',
): Promise<string> {
  const outfile = join(folder, 'suites', `${name}.${format === 'esm' ? 'mjs' : 'cjs'}`)
  // What a module has of itself: the one knows no `require`, the other no `import.meta`.
  const banner = {
    esm: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    cjs: "const metaUrl = require('node:url').pathToFileURL(__filename).href;",
  }[format]
  await build({
    ...ofTests(contents),
    format,
    platform: 'node',
    outfile,
    external: ['otpkit', 'otpkit/*', ...clients],
    banner: { js: banner },
    define: format === 'cjs' ? { 'import.meta.url': 'metaUrl' } : {},
  })
  return outfile
}

/** Bundles an entry of the tests and everything that it needs, as a worker's tools do. */
export async function bundleWorker(
  folder: string,
  contents: string,
  format: 'esm' | 'iife' = 'esm',
): Promise<string> {
  return bundleWhole(folder, { ...ofTests(contents), format })
}

/** Bundles a file of a project and everything that it needs. */
export async function bundlePage(folder: string, file: string): Promise<string> {
  return bundleWhole(folder, { entryPoints: [join(folder, file)], format: 'esm' })
}

async function bundleWhole(folder: string, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    bundle: true,
    tsconfigRaw: {},
    logLevel: 'error',
    plugins: [...(options.plugins ?? []), builtPackage(folder), nodeModules],
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    define: { 'process.env.OTPKIT_SEED': 'undefined' },
    outdir: folder,
    write: false,
  })
  return outputFiles?.[0]?.text ?? ''
}

/** The repository's package has the same name, and would be found first. */
function builtPackage(folder: string): Plugin {
  return {
    name: 'built-package',
    setup: ({ onResolve, resolve: find }) => {
      onResolve({ filter: /^otpkit(\/|$)/ }, ({ path, kind, pluginData }) =>
        pluginData === folder ? null : find(path, { resolveDir: folder, kind, pluginData: folder }),
      )
    },
  }
}

/** Modules of Node by their full names, and imported where they are required. */
const nodeModules: Plugin = {
  name: 'node-modules',
  setup: ({ onResolve, onLoad }) => {
    const filter = new RegExp(`^(node:.+|${builtinModules.join('|')})$`)
    onResolve({ filter }, ({ path, kind, namespace }) => {
      const name = path.startsWith('node:') ? path : `node:${path}`
      return kind === 'require-call' && namespace !== 'required'
        ? { path: name, namespace: 'required' }
        : { path: name, external: true }
    })
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `import * as all from '${path}'\nmodule.exports = all.default ?? all`,
    }))
  },
}

/** The `expect` of vitest keeps its state under the names of Jest's, which is there as well. */
const besideJest: Plugin = {
  name: 'beside-jest',
  setup: ({ onLoad }) => {
    onLoad({ filter: /@vitest.expect.+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      return { contents: text.replaceAll('$$jest-', '$$$$vitest-') }
    })
  },
}

function ofTests(contents: string): BuildOptions {
  return {
    stdin: { contents, resolveDir: resolve('test/runtimes'), loader: 'ts' },
    bundle: true,
    alias: { vitest: resolve('test/runtimes/vitest.ts') },
    plugins: [besideJest],
    // The repository's own paths lead to the sources: here it is the built package that is tested.
    tsconfigRaw: {},
    logLevel: 'error',
  }
}
