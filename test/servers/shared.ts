import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import type { ServerKind } from './open'

// One server of each kind serves a whole test run. The first test that asks starts it, in the
// process of `global-setup.ts`, and that process ends it with the run.

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address where `global-setup.ts` answers with server addresses. */
    serversUrl: string
  }
}

/** Address of the run's Redis. Other tests use it too: keep to keys of your own. */
export async function redisUrl(): Promise<string> {
  return first(await ask('redis'))
}

/** Addresses of the nodes of the run's Redis Cluster. */
export async function redisClusterUrls(): Promise<readonly string[]> {
  return ask('redis-cluster')
}

/** Address of the run's PostgreSQL, with the right to create schemas and databases. */
export async function postgresUrl(): Promise<string> {
  return first(await ask('postgres'))
}

/** Address of the run's MariaDB or MySQL, with the right to create databases. */
export async function mariadbUrl(): Promise<string> {
  return first(await ask('mariadb'))
}

/** Folder of the run's built package. */
export async function builtPackage(): Promise<string> {
  return first(await ask('package'))
}

/** A name that no other test file uses: for a key prefix, a schema or a database. */
export function ownName(about: string): string {
  return `${about}_${randomUUID().replaceAll('-', '').slice(0, 12)}`
}

async function ask(kind: ServerKind | 'package'): Promise<readonly string[]> {
  const url: string | undefined = inject('serversUrl')
  if (url === undefined) throw new Error('vitest.config.ts does not name global-setup.ts')
  const response = await fetch(new URL(kind, url))
  const answer: unknown = await response.json()
  if (!response.ok || !Array.isArray(answer)) throw new Error(String(answer))
  return answer.map(String)
}

function first(urls: readonly string[]): string {
  const [url] = urls
  if (url === undefined) throw new Error('There is no address.')
  return url
}
