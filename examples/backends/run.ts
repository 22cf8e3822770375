// Starts one of the examples beside this file: `npm start`, or `npm run example -- <name>`.
import { existsSync, readdirSync } from 'node:fs'

const server = (name: string) => new URL(`${name}/server.ts`, import.meta.url)
const names = readdirSync(new URL('.', import.meta.url)).filter((name) => existsSync(server(name)))
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
