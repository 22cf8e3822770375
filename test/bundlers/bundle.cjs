// Bundles `entry.mjs` of a folder by one bundler's own means, told that this is development, into
// `NAME.mjs` or `NAME.cjs` beside it.
const { copyFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')

const [name, tools, folder] = process.argv.slice(2)
const load = createRequire(join(tools, 'any.js'))
const input = join(folder, 'entry.mjs')
const out = (extension) => join(folder, `${name}.${extension}`)
const defines = { 'process.env.NODE_ENV': '"development"', 'process.env': '({})' }

const bundlers = {
  async rollup() {
    const { rollup } = load('rollup')
    const replace = load('@rollup/plugin-replace')
    const { nodeResolve } = load('@rollup/plugin-node-resolve')
    const plugins = [nodeResolve(), replace({ values: defines, preventAssignment: true })]
    const bundle = await rollup({ input, plugins })
    await bundle.write({ file: out('mjs'), format: 'es', inlineDynamicImports: true })
  },
  webpack() {
    const output = { path: folder, filename: `${name}.cjs` }
    const config = { mode: 'development', devtool: false, target: 'web', entry: input, output }
    return new Promise((resolve, reject) => {
      load('webpack')(config, (error, stats) => {
        if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString()))
        else resolve()
      })
    })
  },
  async vite() {
    const module = join(tools, 'vite/dist/node/index.js')
    const { build } = await import(pathToFileURL(module).href)
    const outDir = join(folder, 'vite')
    await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      mode: 'development',
      define: { 'process.env.NODE_ENV': '"development"' },
      build: { outDir, lib: { entry: input, formats: ['es'], fileName: () => `${name}.mjs` } },
    })
    copyFileSync(join(outDir, `${name}.mjs`), out('mjs'))
  },
}
bundlers[name]().catch((error) => {
  console.error(error)
  process.exit(1)
})
