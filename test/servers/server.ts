import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Source } from './locate'
import {
  eventually,
  type Launch,
  type ServerFolder,
  type ServerProcess,
  startProcess,
} from './process'

/** A server of one's own on loopback, which a test may kill and restart. */
export interface TestServer {
  readonly url: string
  readonly port: number
  /** Ends it as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port and data, after `kill` or instead of it. */
  restart(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** A server to start, either way. */
export interface ServerPlan {
  readonly source: Source
  readonly url: string
  readonly port: number
  readonly folder: ServerFolder
  /** Its command line, the program itself left out. */
  readonly settings: readonly string[]
  /** More of the command line, for a program on this machine alone. */
  readonly localSettings?: readonly string[]
  /** `NAME=value`, for a container alone. */
  readonly containerEnv?: readonly string[]
  readonly account?: Launch['account']
  readonly signal?: Launch['signal']
  /** Throws until the server does its work; an open port may come earlier. */
  ready(): Promise<void>
}

/** Starts it and waits until it is ready. */
export async function startServer(plan: ServerPlan): Promise<TestServer> {
  const { source, folder, port } = plan
  const container = `otpkit-test-${port}`
  const launch: Launch =
    source.from === 'binary'
      ? {
          command: [source.path, ...(plan.localSettings ?? []), ...plan.settings],
          folder: folder.path,
          port,
          ...(plan.account !== undefined && { account: plan.account }),
          ...(plan.signal !== undefined && { signal: plan.signal }),
        }
      : {
          command: ['docker', 'start', '--attach', container],
          folder: folder.path,
          port,
          ending: `docker kill ${container} > /dev/null`,
        }
  if (source.from === 'docker') {
    const env = (plan.containerEnv ?? []).flatMap((pair) => ['--env', pair])
    const create = ['create', '--network', 'host', '--name', container, ...env]
    await promisify(execFile)('docker', [...create, source.image, ...plan.settings])
  }
  let server: ServerProcess | undefined
  const start = async () => {
    server = await startProcess(launch)
    await eventually(plan.ready)
  }
  const stop = async () => {
    await server?.kill()
    if (source.from === 'docker') await promisify(execFile)('docker', ['rm', '-fv', container])
    await folder.remove()
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: plan.url,
    port,
    kill: async () => server?.kill(),
    async restart() {
      await server?.kill()
      await start()
    },
    stop,
  }
}
