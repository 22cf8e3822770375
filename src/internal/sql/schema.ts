import { mysqlSchema } from './mysql/schema'
import { postgresSchema } from './postgres/schema'
import { postgresNames, type SqlOptions, sqlSettings } from './settings'
import { sqliteSchema } from './sqlite/schema'

/** The databases that there is a schema for; `mysql` is MariaDB too. */
export const sqlDialects = ['postgres', 'mysql', 'sqlite'] as const

/** One of them. */
export type SqlDialect = (typeof sqlDialects)[number]

/** Where the tables stand, and what they are called. */
export type SchemaOptions = Pick<SqlOptions, 'prefix' | 'schema'>

/** The DDL as text. Throws a `TypeError` for a wrong option. */
export function schemaText(dialect: SqlDialect, options: SchemaOptions): string {
  return statementsOf(dialect, options)
    .map((statement) => `${statement};\n`)
    .join('\n')
}

function statementsOf(dialect: SqlDialect, options: SchemaOptions): readonly string[] {
  switch (dialect) {
    case 'postgres':
      return postgresSchema(sqlSettings('schema', options, '"', postgresNames))
    case 'mysql':
      return mysqlSchema(sqlSettings('schema', options, '`'))
    case 'sqlite':
      return sqliteSchema(sqlSettings('schema', options, '"'))
  }
}
