import { contenders, type Place } from '../protocol'
import { loadContender } from './contenders'
import { ip, phone } from './people'

// The first call of a cold process: prints the milliseconds since its start when everything is
// loaded and connected, and when the first `send` has been answered.

const name = contenders.find((known) => known === process.argv[2])
if (name === undefined) throw new Error(`there is no contender ${process.argv[2]}`)
const place: Place = JSON.parse(process.argv[3] ?? '')
const index = 40_000_000 + Number(process.argv[4] ?? 0)
const contender = await (await loadContender(name))(place, () => {})
const readyMs = performance.now()
if (!(await contender.send(phone(index), ip(index)))) throw new Error('a send was refused')
console.log(JSON.stringify({ readyMs, sentMs: performance.now() }))
process.exit()
