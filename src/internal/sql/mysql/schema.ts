import type { SqlSettings } from '../settings'

/** The statements that create what stands in a MySQL or MariaDB database, in order. */
export function mysqlSchema({ name }: SqlSettings): readonly string[] {
  const ascii = 'CHARACTER SET ascii COLLATE ascii_bin NOT NULL'
  return [
    `CREATE TABLE IF NOT EXISTS ${name('challenges')} (
  \`id\` varchar(64) ${ascii} PRIMARY KEY,
  \`digest\` varchar(64) ${ascii},
  \`attempts\` int NOT NULL,
  \`attempts_left\` int NOT NULL,
  \`expires_at\` bigint NOT NULL,
  \`data\` varchar(2048) ${ascii},
  \`used_attempts\` int NOT NULL DEFAULT 0,
  \`used_remaining_ms\` bigint NOT NULL DEFAULT 0,
  \`used_call\` varchar(64) ${ascii} DEFAULT '',
  KEY \`expires_at\` (\`expires_at\`)
) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${name('charges')} (
  \`key\` varchar(64) ${ascii} PRIMARY KEY,
  \`next_unit\` bigint NOT NULL,
  \`kept_ms\` bigint NOT NULL,
  \`expires_at\` bigint NOT NULL,
  \`entries\` mediumtext ${ascii},
  KEY \`expires_at\` (\`expires_at\`)
) ENGINE = InnoDB`,
  ]
}
