import type { SqlSettings } from '../settings'

/**
 * Takes from everybody else what default privileges give: hosts with an API in front of the database
 * grant all that is created to the role of anonymous requests.
 *
 * Row level security does not hold for the owner of a table. Where it is on, the table was known
 * before, and what was granted on it since is somebody's wish. Functions have the rights of whoever
 * calls them: they are for those who may write to the tables.
 */
export function postgresRights(
  settings: SqlSettings,
  tables: readonly string[],
  functions: readonly string[],
): string {
  const { schema, bareName } = settings
  const space = schema === undefined ? 'pg_catalog.current_schema()' : `'${schema}'`
  const literal = (plain: string) => `'${bareName(plain).slice(1, -1)}'`
  const names = new Set(functions.map(nameOf))
  const grantee = `CASE g.grantee WHEN 0 THEN 'PUBLIC'
        ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END AS grantee`
  return `DO $rights$
DECLARE
  space oid := (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ${space});
  known oid[] := ARRAY(SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relnamespace = space
    AND c.relname IN (${tables.map(literal).join(', ')}));
  found record;
BEGIN
  FOR found IN
    SELECT c.oid::pg_catalog.regclass AS name, ${grantee}
      FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) g
      WHERE c.oid = ANY (known) AND NOT c.relrowsecurity AND g.grantee <> c.relowner
      GROUP BY c.oid, g.grantee
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON TABLE %s FROM %s', found.name, found.grantee);
  END LOOP;
  FOR found IN
    SELECT c.oid::pg_catalog.regclass AS name FROM pg_catalog.pg_class c
      WHERE c.oid = ANY (known) AND NOT c.relrowsecurity
  LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', found.name);
  END LOOP;
  FOR found IN
    SELECT p.oid::pg_catalog.regprocedure AS name, ${grantee}
      FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(
        coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) g
      WHERE p.pronamespace = space AND g.grantee <> p.proowner
        AND p.proname IN (${[...names].map((name) => `'${name}'`).join(', ')})
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = ANY (known)
          AND g.grantee <> 0 AND pg_catalog.has_table_privilege(g.grantee, c.oid, 'INSERT'))
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION %s FROM %s', found.name, found.grantee);
  END LOOP;
END
$rights$`
}

function nameOf(definition: string): string {
  const [, name] = /^CREATE OR REPLACE FUNCTION [^(]*"([^"]+)"\(/.exec(definition) ?? []
  if (name === undefined) throw new Error('a definition names no function')
  return name
}
