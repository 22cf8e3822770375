import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { installClients } from './clients/installed'
import { testNotRun } from './not-run'

const hosting = 'docs/hosting/'

/** One block of code in a document. */
interface Example {
  readonly path: string
  /** Line of the document on which the code begins, counted from 1. */
  readonly line: number
  readonly code: string
}

/** Every ```ts block of a document; in TypeScript, those of its doc comments. */
function examplesIn(path: string, text: string): Example[] {
  const isSource = path.endsWith('.ts')
  const examples: Example[] = []
  let block: { line: number; indent: number; lines: string[] } | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = isSource ? raw.replace(/^\s*\* ?/, '') : raw
    const fence = /^( *)```(.*)$/.exec(line)
    if (block !== undefined) {
      if (fence?.[2] === '') {
        examples.push({ path, line: block.line, code: block.lines.join('\n') })
        block = undefined
      } else block.lines.push(line.slice(block.indent))
    } else if (fence?.[2] === 'ts' && (!isSource || /^\s*\*/.test(raw))) {
      block = { line: index + 2, indent: fence[1]?.length ?? 0, lines: [] }
    }
  }
  return examples
}

/** Type-checks all examples in one program, each a module of its own; tells what is wrong where. */
function problemsOf(examples: readonly Example[]): Map<string, string[]> {
  const byFile = new Map(examples.map((example, index) => [nameOf(example.path, index), example]))
  const options = compilerOptions()
  const host = ts.createCompilerHost(options, true)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (name) => byFile.has(name) || fileExists(name)
  host.readFile = (name) => byFile.get(name)?.code ?? readFile(name)
  host.getSourceFile = (name, ...rest) => {
    const example = byFile.get(name)
    return example === undefined
      ? getSourceFile(name, ...rest)
      : ts.createSourceFile(name, example.code, ts.ScriptTarget.ES2022, true)
  }
  const program = ts.createProgram([...byFile.keys()], options, host)

  const problems = new Map<string, string[]>()
  for (const [name, { path, line }] of byFile) {
    const file = program.getSourceFile(name)
    const found = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ].map(({ messageText, start = 0 }) => {
      const within = file?.getLineAndCharacterOfPosition(start).line ?? 0
      return `${path}:${line + within} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
    problems.set(path, [...(problems.get(path) ?? []), ...found])
  }
  return problems
}

// Beside a package.json, where an example finds what an application finds; that of the tests of
// clients for the pages about them.
function nameOf(path: string, index: number): string {
  const folder = path.startsWith(hosting) ? 'test/clients' : '.'
  return resolve(folder, `example-${index}.ts`).replaceAll('\\', '/')
}

function compilerOptions(): ts.CompilerOptions {
  const path = resolve('test/tsconfig.json')
  const { config } = ts.readConfigFile(path, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, resolve('test'))
  // An example may leave what it made to its reader.
  return { ...options, moduleDetection: ts.ModuleDetectionKind.Force, noUnusedLocals: false }
}

function filesUnder(folder: string, isWanted: (path: string) => boolean): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => isWanted(path) && !/node_modules|docs\/reference/.test(path))
}

const isMarkdown = (path: string) => path.endsWith('.md')
const examples = [
  ...readdirSync('.').filter(isMarkdown),
  ...filesUnder('docs', isMarkdown),
  ...filesUnder('examples', isMarkdown),
  ...filesUnder('src', (path) => path.endsWith('.ts')),
].flatMap((path) => examplesIn(path, readFileSync(path, 'utf8')))

/** Examples that are wrong, to see that it would be noticed. */
const specimens = [
  ...examplesIn(
    'specimen.md',
    [
      'Text.',
      '```ts',
      "import { isOtpError } from 'otpkit'",
      'const wrong: string = isOtpError(1)',
      '```',
      '```json',
      '{ "not": "TypeScript" }',
      '```',
      '1. In a list:',
      '   ```ts',
      "   import { memoryStore } from 'otpkit/stores/memory'",
      '   memoryStore({ capacity: many })',
      '   ```',
    ].join('\n'),
  ),
  ...examplesIn('specimen.ts', '/**\n * ```ts\n * const wrong = anything\n * ```\n */'),
]

const missing = await installClients()
// Without those clients, the pages that use them.
const compiled = examples.filter(({ path }) => missing === undefined || !path.startsWith(hosting))

describe('the examples in the documents', () => {
  if (missing !== undefined) testNotRun('the examples of docs/hosting', missing)
  const problems = problemsOf([...compiled, ...specimens])
  const paths = new Set(compiled.map(({ path }) => path))

  it('are found in the README, the guides and the doc comments', () => {
    expect([...paths]).toEqual(
      expect.arrayContaining(['README.md', 'docs/concepts.md', 'src/otp-manager.ts']),
    )
  })

  it.each([...paths])('%s compiles', (path) => {
    expect(problems.get(path)).toEqual([])
  })

  it('would be reported by line if they were wrong', () => {
    expect(problems.get('specimen.md')).toEqual([
      "specimen.md:4 Type 'boolean' is not assignable to type 'string'.",
      "specimen.md:12 Cannot find name 'many'.",
    ])
    expect(problems.get('specimen.ts')).toEqual(["specimen.ts:3 Cannot find name 'anything'."])
  })
})
