import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answers, Command, ContenderName, Place, Reply } from '../protocol'
import type { Installation } from './install'
import { isRecord } from './values'

/** A contender in a process of its own. */
export interface Worker {
  readonly name: ContenderName
  readonly pid: number
  ask<Kind extends Command['do']>(command: Extract<Command, { do: Kind }>): Promise<Answers[Kind]>
  stop(): Promise<void>
}

// Longer than anything takes that works.
const patienceMs = 120_000

/** Starts it and waits until it is connected. */
export async function startWorker(
  installation: Installation,
  name: ContenderName,
  place: Place,
  options: { readonly firstIndex?: number; readonly patienceMs?: number } = {},
): Promise<Worker> {
  const args = [name, JSON.stringify(place), String(options.firstIndex ?? 0)]
  const child = fork(installation.program('worker'), args, {
    cwd: installation.folder,
    execArgv: ['--expose-gc', '--max-old-space-size=6144'],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors = (errors + String(chunk)).slice(-2000)
  })
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const next = (withinMs = options.patienceMs ?? patienceMs) =>
    nextMessage(child, withinMs, () => errors)
  try {
    await next(30_000)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    name,
    pid: child.pid ?? 0,
    async ask<Kind extends Command['do']>(command: Extract<Command, { do: Kind }>) {
      const answered = next()
      child.send(command)
      const reply = await answered
      if (!isReply<Kind>(reply)) throw new Error('the process said something else')
      if (!reply.ok) throw new Error(reply.error)
      return reply.answer
    },
    stop,
  }
}

// Both ends are compiled from one protocol, so only the outer form is looked at.
function isReply<Kind extends keyof Answers>(message: unknown): message is Reply<Kind> {
  return isRecord(message) && typeof message.ok === 'boolean'
}

function nextMessage(child: ChildProcess, withinMs: number, errors: () => string) {
  return new Promise<unknown>((resolve, reject) => {
    const settle = (then: () => void) => {
      clearTimeout(timer)
      child.off('message', heard)
      child.off('exit', gone)
      then()
    }
    const heard = (message: unknown) => settle(() => resolve(message))
    const gone = () => settle(() => reject(new Error(`the process ended. ${lastLine(errors())}`)))
    const timer = setTimeout(() => {
      settle(() => reject(new Error(`no answer within ${withinMs / 1000} s`)))
    }, withinMs)
    child.on('message', heard)
    child.on('exit', gone)
  })
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => /error/i.test(line))
  return lines[0] ?? text.trim().slice(-160)
}
