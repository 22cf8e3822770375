import { readdirSync } from 'node:fs'
import { defineConfig } from 'tsup'

/** Every adapter file is a subpath of its own; a new one is published by existing. */
function adapters(folder: string) {
  return Object.fromEntries(
    readdirSync(`src/${folder}`)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [`${folder}/${file.slice(0, -3)}`, `src/${folder}/${file}`]),
  )
}

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    testing: 'src/testing/index.ts',
    receipts: 'src/receipts.ts',
    http: 'src/http/index.ts',
    opentelemetry: 'src/opentelemetry.ts',
    dashboard: 'src/dashboard/index.ts',
    bin: 'src/bin.ts',
    'from-environment': 'src/from-environment.ts',
    ...adapters('databases'),
    ...adapters('stores'),
    ...adapters('rate-limiters'),
    ...adapters('deliveries'),
    ...adapters('receipts'),
    ...adapters('receivers'),
    ...adapters('conversions'),
    ...adapters('histories'),
  },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  dts: true,
  clean: true,
  splitting: true,
  treeshake: true,
})
