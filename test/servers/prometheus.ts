import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { locateProgram } from './locate'
import { freePort, serverFolder } from './process'
import { startServer, type TestServer } from './server'

/** Starts Prometheus, which asks this address for its metrics every second. */
export async function startPrometheus(target: {
  readonly host: string
  readonly token: string
}): Promise<TestServer> {
  const path = await locateProgram({
    name: 'Prometheus',
    binaries: ['prometheus'],
    apt: 'prometheus',
    variable: 'PATH',
  })
  const folder = await serverFolder('prometheus')
  const settings = join(folder.path, 'prometheus.yml')
  await writeFile(
    settings,
    `global:
  scrape_interval: 1s
scrape_configs:
  - job_name: example
    authorization: { credentials: '${target.token}' }
    static_configs: [{ targets: ['${target.host}'] }]
`,
  )
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  return startServer({
    source: { from: 'binary', path },
    url,
    port,
    folder,
    settings: [
      `--config.file=${settings}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    ready: async () => {
      const { ok } = await fetch(`${url}/-/ready`)
      if (!ok) throw new Error('it is not ready')
    },
  })
}
