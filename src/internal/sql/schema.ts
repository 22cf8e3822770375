import { mysqlSchema } from './schema-mysql'
import { postgresSchema } from './schema-postgres'
import { sqliteSchema } from './schema-sqlite'
import { type SqlOptions, sqlSettings } from './settings'

/** The databases that there is a schema for; `mysql` is MariaDB too. */
export const sqlDialects = ['postgres', 'mysql', 'sqlite'] as const

/** One of them. */
export type SqlDialect = (typeof sqlDialects)[number]

/** Where the tables stand, and what they are called. */
export type SchemaOptions = Pick<SqlOptions, 'prefix' | 'schema'>

/** The DDL as text. Throws a `TypeError` for an unknown dialect or a wrong option. */
export function schemaText(dialect: SqlDialect, options: SchemaOptions): string {
  return statementsOf(dialect, options)
    .map((statement) => `${statement};\n`)
    .join('\n')
}

function statementsOf(dialect: SqlDialect, options: SchemaOptions): readonly string[] {
  switch (dialect) {
    case 'postgres':
      return postgresSchema(sqlSettings(options, '"'))
    case 'mysql':
      return mysqlSchema(sqlSettings(options, '`'))
    case 'sqlite':
      return sqliteSchema(sqlSettings(options, '"'))
    default:
      throw new TypeError("dialect must be 'postgres', 'mysql' or 'sqlite'")
  }
}
