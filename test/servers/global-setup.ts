import { once } from 'node:events'
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { openPackage } from '../runtimes/package'
import { openServer, type ServerKind, type SharedServer } from './open'

type Kind = ServerKind | 'package'
const kinds: readonly Kind[] = ['redis', 'redis-cluster', 'postgres', 'mariadb', 'package']
const open = (kind: Kind) => (kind === 'package' ? openPackage() : openServer(kind))

/**
 * Starts servers when tests ask for them, each once a run, and ends them with it. So it builds the
 * package.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const opened = new Map<Kind, Promise<SharedServer>>()
  const server = createServer((request, response) => {
    const kind = kinds.find((known) => request.url === `/${known}`)
    const answer = (status: number, body: unknown) =>
      response.writeHead(status).end(JSON.stringify(body))
    if (kind === undefined) {
      answer(404, `There is no server called ${request.url}.`)
      return
    }
    const promise = opened.get(kind) ?? open(kind)
    opened.set(kind, promise)
    promise.then(
      (shared) => answer(200, shared.urls),
      (error: unknown) => answer(500, error instanceof Error ? error.message : String(error)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  project.provide('serversUrl', `http://127.0.0.1:${address.port}`)
  // What is tested again by a watching run was changed.
  project.onTestsRerun(async () => {
    const built = opened.get('package')
    opened.delete('package')
    await (await built)?.stop()
  })
  return async () => {
    server.closeAllConnections()
    server.close()
    const servers = await Promise.allSettled(opened.values())
    for (const result of servers) if (result.status === 'fulfilled') await result.value.stop()
  }
}
