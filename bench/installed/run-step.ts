import type { Answers, Command, Step, StepResult } from '../protocol'
import type { Contender } from './contender'
import { inFlight, ip, phone, wrongFor } from './people'

/** Sends, wrong guesses and right codes, each over the indexes of the step before. */
export interface Steps {
  run(command: Extract<Command, { do: 'step' }>): Promise<StepResult>
  fill(command: Extract<Command, { do: 'fill' }>): Promise<Answers['fill']>
}

/** Every index is a recipient of its own, and none is used twice, so no limit refuses. */
export function createSteps(
  contender: () => Contender,
  codes: Map<string, string>,
  firstIndex: number,
): Steps {
  // What each step may work on: a right code follows a wrong one, which follows a `send`.
  const done = { send: firstIndex, wrong: firstIndex, right: firstIndex }
  const calls: Record<Step, (index: number) => Promise<void>> = {
    async send(index) {
      const sent = await contender().send(phone(index), ip(index))
      if (!sent) throw new Error('a send was refused')
    },
    async wrong(index) {
      const to = phone(index)
      const code = wrongFor(codes.get(to) ?? '')
      const outcome = await contender().verify(to, code, ip(index))
      if (outcome !== 'incorrect') throw new Error(`a wrong code was ${outcome}`)
    },
    async right(index) {
      const to = phone(index)
      const outcome = await contender().verify(to, codes.get(to) ?? '', ip(index))
      if (outcome !== 'verified') throw new Error(`a right code was ${outcome}`)
    },
  }

  async function run(command: Extract<Command, { do: 'step' }>): Promise<StepResult> {
    const { step, forMs, atMost = Number.POSITIVE_INFINITY } = command
    const call = calls[step]
    // What an earlier step left undone is left out: its code may have expired.
    const from = step === 'send' ? Math.max(...Object.values(done)) : turn.from
    if (step === 'send') turn.from = from
    const last = { send: Number.POSITIVE_INFINITY, wrong: done.send, right: done.wrong }[step]
    const until = Math.min(last, from + atMost)
    const latencies: number[] = []
    let next = from
    const start = performance.now()
    const processor = process.cpuUsage()
    await inFlight(command.inFlight, async () => {
      while (next < until && performance.now() - start < forMs) {
        const index = next
        next += 1
        const called = performance.now()
        await call(index)
        latencies.push(performance.now() - called)
      }
    })
    const seconds = (performance.now() - start) / 1000
    const { user, system } = process.cpuUsage(processor)
    done[step] = next
    if (step === 'right') codes.clear()
    latencies.sort((left, right) => left - right)
    const operations = next - from
    return {
      operations,
      seconds,
      clientUs: (user + system) / operations,
      p50: latencies[Math.floor(operations * 0.5)] ?? Number.NaN,
      p99: latencies[Math.floor(operations * 0.99)] ?? Number.NaN,
    }
  }
  const turn = { from: firstIndex }

  async function fill({ sends, inFlight: count }: Extract<Command, { do: 'fill' }>) {
    const before = heapUsed()
    const start = performance.now()
    const until = done.send + sends
    let refused = 0
    await inFlight(count, async () => {
      while (done.send < until) {
        const index = done.send
        done.send += 1
        await calls.send(index).catch((error: unknown) => {
          if (!isFull(error)) throw error
          refused += 1
        })
      }
    })
    const seconds = (performance.now() - start) / 1000
    return { seconds, heapBytes: heapUsed() - before, refused }
  }

  return { run, fill }
}

/** What is in use once the garbage has gone. */
export function heapUsed(): number {
  if (globalThis.gc === undefined) throw new Error('needs node --expose-gc')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'capacity'
}
