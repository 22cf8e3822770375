import { join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** Bundles an entry of the tests for a runtime that has Node's modules; the library stays outside. */
export async function bundleTests(folder: string, contents: string): Promise<string> {
  const outfile = join(folder, 'suites', 'tests.mjs')
  await build({
    ...common(contents),
    platform: 'node',
    outfile,
    external: ['otpkit', 'otpkit/*'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  return outfile
}

/** Bundles everything, the built library too, as a worker's tools do. */
export async function bundleWorker(
  folder: string,
  contents: string,
  format: 'esm' | 'iife' = 'esm',
): Promise<string> {
  const { outputFiles } = await build({
    ...common(contents),
    format,
    plugins: [builtPackage(folder)],
    platform: 'browser',
    external: ['node:*'],
    define: { 'process.env.OTPKIT_SEED': 'undefined' },
    write: false,
  })
  return outputFiles[0]?.text ?? ''
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

function common(contents: string) {
  return {
    stdin: { contents, resolveDir: resolve('test/runtimes'), loader: 'ts' },
    bundle: true,
    format: 'esm',
    alias: { vitest: resolve('test/runtimes/vitest.ts') },
    // The repository's own paths lead to the sources: here it is the built package that is tested.
    tsconfigRaw: {},
    logLevel: 'error',
  } as const
}
