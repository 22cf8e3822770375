import { type Answers, type Command, contenders, type Place, type Reply } from '../protocol'
import { loadContender } from './contenders'
import { checkCorrectness } from './correctness'
import { runMix } from './mix'
import { createSteps, heapUsed } from './run-step'

// One contender at one place, in a process of its own, that does what it is told by messages.
// Arguments: the contender, the place as JSON, and the first index, when several share a place.

const name = contenders.find((known) => known === process.argv[2])
if (name === undefined) throw new Error(`there is no contender ${process.argv[2]}`)
const place: Place = JSON.parse(process.argv[3] ?? '')
const firstIndex = Number(process.argv[4] ?? 0)

const codes = new Map<string, string>()
let keeps = true
const deliver = (to: string, code: string) => {
  if (keeps) codes.set(to, code)
}
const create = await loadContender(name)
let contender = await create(place, deliver)
const { run, fill } = createSteps(() => contender, codes, firstIndex)

async function correctness({ bursts, seed }: Extract<Command, { do: 'correctness' }>) {
  // Memory and a file have one process. The others are asked over four connections at once.
  const alone = place.backend === 'memory' || place.backend === 'sqlite'
  const others = alone ? [] : [1, 2, 3].map(() => create(place, deliver))
  const processes = [contender, ...(await Promise.all(others))]
  try {
    return await checkCorrectness(processes, codes, bursts, seed)
  } finally {
    for (const other of processes.slice(1)) await other.close()
  }
}

async function answer(command: Command): Promise<Answers[keyof Answers]> {
  switch (command.do) {
    case 'step':
      return run(command)
    case 'restart':
      await contender.close()
      codes.clear()
      contender = await create(place, deliver)
      globalThis.gc?.()
      return null
    case 'correctness':
      return correctness(command)
    case 'fill':
      // What the provider would have forgotten must not count as the library's.
      keeps = false
      return fill(command).finally(() => {
        keeps = true
      })
    case 'mix':
      return runMix(contender, codes, command)
    case 'resources':
      return resources()
  }
}

function resources(): Answers['resources'] {
  const active: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) active[kind] = (active[kind] ?? 0) + 1
  const listeners = process
    .eventNames()
    .reduce((sum, event) => sum + process.listenerCount(event), 0)
  return { heapBytes: heapUsed(), active, listeners }
}

function reply(message: Reply | 'ready') {
  process.send?.(message)
}

process.on('message', (command: Command) => {
  answer(command).then(
    (done) => reply({ ok: true, answer: done }),
    (error: unknown) => reply({ ok: false, error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
reply('ready')
