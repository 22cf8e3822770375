import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** A function that a document shows, as whoever copied it would call it. */
export async function shownFunction(
  path: string,
  name: string,
): Promise<(input: unknown) => unknown> {
  const blocks = readFileSync(path, 'utf8').matchAll(/```ts\n(.*?)```/gs)
  const [, code = ''] = [...blocks].find(([block]) => block.includes(`function ${name}(`)) ?? []
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  const standalone = outputText.replace(
    /import \{ isOtpError \} from 'otpkit';/,
    `const isOtpError = (error) => error?.name === 'OtpError'`,
  )
  const module: unknown = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(standalone)}`
  )
  const found: unknown = Reflect.get(Object(module), name)
  if (typeof found !== 'function') throw new Error(`${path} shows no ${name}`)
  return (input) => found(input)
}
