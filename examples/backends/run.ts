// Starts an example of one file, or one beside this file: `npm start`, or `npm run example -- <name>`.
import { existsSync, readdirSync } from 'node:fs'

const inOneFile = ['hello-express', 'hello-fastify']
const server = (name: string) =>
  new URL(inOneFile.includes(name) ? `../${name}.ts` : `${name}/server.ts`, import.meta.url)
const backends = readdirSync(new URL('.', import.meta.url))
const names = [...inOneFile, ...backends.filter((name) => existsSync(server(name)))]
const [name = ''] = process.argv.slice(2)

if (names.includes(name)) {
  if (process.env.NODE_ENV === undefined) {
    process.env.NODE_ENV = 'development'
    console.log('NODE_ENV is not set: starting in development, where codes are printed here.')
  }
  await import(server(name).href)
} else {
  console.error(`Which example? ${names.map((known) => `npm run example -- ${known}`).join(', ')}`)
  process.exitCode = 1
}
