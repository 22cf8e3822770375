import { postgres } from 'otpkit/databases/postgres'
import { migrate, schema, sweep } from 'otpkit/stores/postgres'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ownName, postgresUrl } from '../servers/shared'
import { everyOperation } from './every-operation'

// A database of its own, since everything happens in its schema "public". Somebody else may create
// there: whatever fits a call better than what PostgreSQL itself has would run as the application.

const admin = async (sql: string, url: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

const integers = ['bigint', 'integer', 'smallint', 'numeric', 'double precision']
const pairs = integers.flatMap((left) => integers.map((right) => [left, right] as const))

/** Everything a stranger can put in the way, each of it leaving a mark when it runs. */
const traps: readonly string[] = [
  `CREATE TABLE marks (what text)`,
  `GRANT ALL ON marks TO PUBLIC`,
  `CREATE FUNCTION mark(text) RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO public.marks VALUES ($1 || ' as ' || current_user); RETURN true; END $$`,
  ...functionTraps('cardinality', ['bigint[]', 'text[]', 'integer[]'], 'integer', '0'),
  ...functionTraps('array_position', ['text[], text'], 'integer', 'NULL'),
  ...functionTraps('unnest', ['text[]'], 'text', "'trap'"),
  ...functionTraps('floor', integers, 'double precision', '0'),
  ...functionTraps('hashtextextended', ['text, integer', 'text, bigint'], 'bigint', '0'),
  ...functionTraps('pg_advisory_xact_lock', ['bigint', 'integer'], 'bigint', '0'),
  ...functionTraps('clock_timestamp', ['', 'VARIADIC integer[]'], 'timestamptz', 'now()'),
  ...functionTraps('date_part', ['text, timestamptz'], 'numeric', '0'),
  ...functionTraps('random', ['', 'VARIADIC integer[]'], 'double precision', '0'),
  ...functionTraps('array_append', ['bigint[], bigint', 'bigint[], integer'], 'bigint[]', "'{}'"),
  ...functionTraps('array_cat', ['bigint[], bigint[]'], 'bigint[]', "'{}'"),
  ...functionTraps('format', ['text, name', 'text, text'], 'text', "'SELECT 1'"),
  ...functionTraps('concat', ['text, text'], 'text', "''"),
  // Beside functions of ours, for other arguments.
  ...functionTraps('otpkit_get', ['text, text', 'varchar, bigint'], 'text', "''"),
  ...functionTraps('otpkit_attempt', ['text, text, text', 'text, jsonb, bigint'], 'text', "''"),
  ...functionTraps('otpkit_clear', ['text, text', 'text[], integer'], 'text', "''"),
  ...functionTraps('otpkit_forget', ['bigint[], integer', 'bigint[], numeric'], 'bigint[]', "'{}'"),
  ...functionTraps('otpkit_wait', ['bigint[], integer, bigint, bigint'], 'bigint', '0'),
  ...pairs.flatMap(([left, right]) => [
    ...['+', '-', '*', '/'].flatMap((operator) => operatorTrap(operator, left, right, left, '1')),
    ...['=', '<>', '<', '<=', '>', '>='].flatMap((operator) =>
      operatorTrap(operator, left, right, 'boolean', 'true'),
    ),
  ]),
  ...[
    ['text', 'text'],
    ['name', 'text'],
    ['varchar', 'text'],
  ].flatMap(([left = '', right = '']) => [
    ...operatorTrap('=', left, right, 'boolean', 'true'),
    ...operatorTrap('||', left, right, 'text', "'trap'"),
  ]),
  ...['bigint', 'integer', 'bigint[]', 'integer[]'].flatMap((right) =>
    operatorTrap('||', 'bigint[]', right, 'bigint[]', "'{}'"),
  ),
]

function functionTraps(
  name: string,
  signatures: readonly string[],
  result: string,
  value: string,
): string[] {
  return signatures.map(
    (signature) => `CREATE FUNCTION ${name}(${signature}) RETURNS ${result} LANGUAGE plpgsql AS
      $$ BEGIN PERFORM public.mark('${name}(${signature})'); RETURN ${value}; END $$`,
  )
}

function operatorTrap(
  operator: string,
  left: string,
  right: string,
  result: string,
  value: string,
): string[] {
  const name = `"trap ${operator}"`
  return [
    `CREATE FUNCTION ${name}(${left}, ${right}) RETURNS ${result} LANGUAGE plpgsql AS
      $$ BEGIN PERFORM public.mark('${left} ${operator} ${right}'); RETURN ${value}; END $$`,
    `CREATE OPERATOR ${operator} (FUNCTION = ${name}, LEFTARG = ${left}, RIGHTARG = ${right})`,
  ]
}

describe('somebody who may create in the schema of the tables', () => {
  const database = ownName('hostile')
  const hostile = `${database}_hostile`
  const application = `${database}_application`
  let url: string
  const as = (role: string) =>
    Object.assign(new URL(url), { username: role, pathname: `/${database}` }).href
  let pool: pg.Pool

  beforeAll(async () => {
    url = await postgresUrl()
    await admin(`CREATE DATABASE "${database}"`, url)
    await admin(
      `CREATE ROLE "${hostile}" LOGIN; CREATE ROLE "${application}" LOGIN;
      GRANT ALL ON SCHEMA public TO PUBLIC`,
      as('postgres'),
    )
    const client = new pg.Client({ connectionString: as(hostile) })
    await client.connect()
    const refused: string[] = []
    for (const trap of traps) {
      await client.query(trap).catch((error: Error) => refused.push(`${trap}: ${error.message}`))
    }
    await client.end()
    expect(refused).toEqual([])
    pool = new pg.Pool({ connectionString: as(application), max: 2 })
    // Its connections may still be closing when the database is dropped under them.
    pool.on('connect', (connected) => connected.on('error', () => {}))
  })
  beforeEach(() => admin('TRUNCATE marks', as(hostile)))
  afterAll(async () => {
    await pool.end()
    await admin(`DROP DATABASE "${database}" WITH (FORCE)`, url)
    await admin(`DROP ROLE "${hostile}"; DROP ROLE "${application}"`, url)
  })

  const marks = async () => {
    const { rows } = await pool.query('SELECT DISTINCT what FROM marks ORDER BY what')
    return rows.map(({ what }) => what)
  }

  it('has laid traps that a careless statement falls into', async () => {
    await pool.query(`SELECT cardinality('{1}'::bigint[]), 1::bigint + 1::numeric`)
    expect(await marks()).toEqual([
      `bigint + numeric as ${application}`,
      `cardinality(bigint[]) as ${application}`,
    ])
  })

  it.each([
    ['created by migrate', () => migrate(pool)],
    ['created by the printed DDL', () => pool.query(schema())],
    ['created by migrate with a schema', () => migrate(pool, { schema: 'public' })],
    ['created by the DDL with a schema', () => pool.query(schema({ schema: 'public' }))],
  ])('runs nothing as the application, whose functions are %s', async (_, create) => {
    await create()
    for (const options of [{}, { schema: 'public' }, { prepare: false }]) {
      await everyOperation(postgres(pool, options))
      await sweep(pool, options)
    }
    expect(await marks()).toEqual([])
  })

  it('changes nothing by temporary tables in sessions of the application', async () => {
    const client = new pg.Client({ connectionString: as(application) })
    await client.connect()
    await client.query(
      `CREATE TEMPORARY TABLE otpkit_challenges (LIKE public.otpkit_challenges INCLUDING ALL);
      CREATE TEMPORARY TABLE otpkit_charges (LIKE public.otpkit_charges INCLUDING ALL)`,
    )
    await everyOperation(postgres(client))
    const { rows } = await client.query(
      'SELECT 1 FROM pg_temp.otpkit_challenges UNION ALL SELECT 1 FROM pg_temp.otpkit_charges',
    )
    expect(rows).toEqual([])
    await client.end()
  })
})
