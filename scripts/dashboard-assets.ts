import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

// `tsx scripts/dashboard-assets.ts`: writes what the dashboard serves, from src/dashboard/page:
// index.html, which names page.css and page.js, page.css, and page.ts with all that it imports. A test
// holds the written file to its sources.

const folder = 'src/dashboard/page'
export const assetsFile = 'src/dashboard/assets.ts'

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${folder}/${file}`],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    // The licence of what is inlined goes along.
    legalComments: 'inline',
  })
  return outputFiles.map(({ text }) => text).join('')
}

/** The text of the file that the dashboard imports. */
export async function assetsText(): Promise<string> {
  const licence = readFileSync('node_modules/uplot/LICENSE', 'utf8').trim()
  const sources = [
    ['page', 'css', 'text/css; charset=utf-8', await bundle('page.css')],
    [
      'page',
      'js',
      'text/javascript; charset=utf-8',
      `/*! With uPlot:\n${licence}\n*/\n${await bundle('page.ts')}`,
    ],
  ] as const
  let html = readFileSync(`${folder}/index.html`, 'utf8')
  const assets = sources.map(([name, extension, type, body]) => {
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 16)
    const hashed = `${name}.${hash}.${extension}`
    html = html.replace(`"${name}.${extension}"`, `"assets/${hashed}"`)
    return { name: hashed, type, body }
  })
  const text = (value: string) => JSON.stringify(value)
  return [
    '// Written by scripts/dashboard-assets.ts; what it is made of stands in src/dashboard/page.',
    `export const html = ${text(html)}`,
    'export const assets = [',
    ...assets.map(
      ({ name, type, body }) =>
        `  { name: ${text(name)}, type: ${text(type)}, body: ${text(body)} },`,
    ),
    '] as const',
    '',
  ].join('\n')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(assetsFile, await assetsText())
}
