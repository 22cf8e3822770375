import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, connect as openSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

/** A server program that lives no longer than the process that started it. */
export interface ServerProcess {
  /** Ends it at once and waits until it is gone. Its folder stays. */
  kill(): Promise<void>
}

/** How to start one. */
export interface Launch {
  readonly command: readonly string[]
  /** Its folder, where `server.log` goes too. */
  readonly folder: string
  readonly port: number
  readonly account?: Account
  /** Signal that ends it, `KILL` unless it would leave shared memory behind. */
  readonly signal?: string
  /** Shell command that ends it, when a signal to the process does not. */
  readonly ending?: string
}

/** A system account that a server runs under. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

// The shell holds the reading end of a pipe. When the test process lets go of it, or dies in
// whatever way, `read` ends and so do the server and its folder: nothing outlives a crashed run.
// Ctrl+C is for that process alone.
const guard = `
trap '' INT HUP TERM
ending=$1; shift
"$@" > server.log 2>&1 < /dev/null &
server=$!
echo $server
read -r word
eval "$ending"
wait $server
[ "$word" = keep ] || rm -rf "$PWD"
`

/** Starts the program and waits until its port answers. */
export async function startProcess(launch: Launch): Promise<ServerProcess> {
  const ending = launch.ending ?? `kill -${launch.signal ?? 'KILL'} $server`
  const child = spawn('sh', ['-c', guard, 'sh', ending, ...launch.command], {
    cwd: launch.folder,
    stdio: ['pipe', 'pipe', 'ignore'],
    ...launch.account,
  })
  // A server that is left running must not keep the test process alive.
  child.unref()
  const pid = await firstLine(child)
  unreference(child.stdin)
  unreference(child.stdout)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.ref()
    const ended = once(child, 'exit')
    child.stdin?.end('keep\n')
    await ended
  }
  try {
    await waitForPort(launch.port, () => isRunning(pid))
  } catch (error) {
    await kill()
    const log = await readFile(join(launch.folder, 'server.log'), 'utf8').catch(() => '')
    throw new Error(`${launch.command[0]} did not start.\n${log.slice(-2000)}`, { cause: error })
  }
  return { kill }
}

/** A folder for one server. */
export interface ServerFolder {
  readonly path: string
  /** Deletes it and what is in it. */
  remove(): Promise<void>
}

/** Makes a new folder, which that account owns. */
export async function serverFolder(name: string, account?: Account): Promise<ServerFolder> {
  const path = await mkdtemp(join(tmpdir(), `otpkit-${name}-`))
  if (account !== undefined) await chown(path, account.uid, account.gid)
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

// Of two processes that look for a port at the same moment, both may find the same one free, so each
// worker of vitest has ports of its own, and hands out each of them once before it begins anew.
const portsPerWorker = 750
const firstPort = 20_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 17) * portsPerWorker
let portsTried = randomInt(portsPerWorker)

/**
 * A loopback port that nobody listens on. It lies below those that systems hand out unasked, so
 * that neither a connection nor another server comes by it before it is used, or used again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    portsTried += 1
    const port = firstPort + (portsTried % portsPerWorker)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

/** Tries until it succeeds; passes the last error on once the time is over. */
export async function eventually<T>(attempt: () => Promise<T>, withinMs = 60_000): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await delay(25)
    }
  }
}

async function waitForPort(port: number, running: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await answers(port))) {
    if (!running()) throw new Error('The process ended.')
    if (Date.now() > deadline) throw new Error(`Nothing answers on port ${port}.`)
    await delay(25)
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = openSocket({ port, host: '127.0.0.1' })
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return connected
}

async function firstLine(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('no output')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return Number(line)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function unreference(stream: unknown): void {
  if (typeof stream !== 'object' || stream === null || !('unref' in stream)) return
  if (typeof stream.unref === 'function') stream.unref()
}
