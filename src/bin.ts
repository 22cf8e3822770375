#!/usr/bin/env node
import { schemaText, sqlDialects } from './internal/sql/schema'

declare const process: { readonly argv: readonly string[]; exitCode?: number }

const usage = `Usage: otpkit schema ${sqlDialects.join('|')} [--prefix <prefix>] [--schema <schema>]

Prints the DDL of the SQL store and rate limiter for a migration tool of your own.`

/** What the command prints. Throws a `TypeError` where its arguments make no sense. */
function output(args: readonly string[]): string {
  const [command, name, ...flags] = args
  const dialect = sqlDialects.find((known) => known === name)
  if (command !== 'schema' || dialect === undefined) throw new TypeError(usage)
  const options: { prefix?: string; schema?: string } = {}
  for (let index = 0; index < flags.length; index += 2) {
    const [flag, value] = flags.slice(index, index + 2)
    if (value === undefined) throw new TypeError(usage)
    if (flag === '--prefix') options.prefix = value
    else if (flag === '--schema') options.schema = value
    else throw new TypeError(usage)
  }
  return schemaText(dialect, options)
}

try {
  console.log(output(process.argv.slice(2)).trimEnd())
} catch (error) {
  console.error(error instanceof TypeError ? error.message : error)
  process.exitCode = 1
}
