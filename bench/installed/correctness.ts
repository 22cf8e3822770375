import type { CorrectnessResult, Range } from '../protocol'
import { randomOf } from '../random'
import type { Contender } from './contender'
import { ip, phone, wrongFor } from './people'

const together = 200

/**
 * What is let through when many ask at once, over the processes of one backend. Each burst is about
 * a recipient of its own, and each call of it comes from another address.
 */
export async function checkCorrectness(
  processes: readonly Contender[],
  codes: ReadonlyMap<string, string>,
  bursts: number,
  seed: number,
): Promise<CorrectnessResult> {
  const random = randomOf(seed)
  let recipients = 50_000_000
  let addresses = 0
  const at = (index: number) => {
    const contender = processes[index % processes.length]
    if (contender === undefined) throw new Error('there is no process')
    return contender
  }
  const nextIp = () => {
    addresses += 1
    return ip(addresses)
  }
  const begin = async () => {
    recipients += 1
    const to = phone(recipients)
    if (!(await at(0).send(to, nextIp()))) throw new Error('a send was refused')
    return { to, code: codes.get(to) ?? '' }
  }
  const verifyAll = (to: string, guesses: readonly string[]) =>
    Promise.all(guesses.map((guess, index) => at(index).verify(to, guess, nextIp())))
  const count = <Item>(items: readonly Item[], wanted: Item) =>
    items.filter((item) => item === wanted).length

  const [right, compared, messages]: [number[], number[], number[]] = [[], [], []]
  let besideWrong = 0
  for (let burst = 0; burst < bursts; burst += 1) {
    const first = await begin()
    const same = Array.from({ length: together }, () => first.code)
    right.push(count(await verifyAll(first.to, same), 'verified'))

    const second = await begin()
    const different = Array.from({ length: together }, (_, index) =>
      wrongFor(second.code, index + 1),
    )
    compared.push(count(await verifyAll(second.to, different), 'incorrect'))

    const third = await begin()
    const three = [wrongFor(third.code, 1), wrongFor(third.code, 2)]
    three.splice(Math.floor(random() * 3), 0, third.code)
    besideWrong += count(await verifyAll(third.to, three), 'verified')

    recipients += 1
    const to = phone(recipients)
    const asked = Array.from({ length: together }, (_, index) => at(index).send(to, nextIp()))
    messages.push(count(await Promise.all(asked), true))
  }
  return {
    bursts,
    rightAtOnce: rangeOf(right),
    compared: rangeOf(compared),
    rightBesideWrong: besideWrong / bursts,
    messages: rangeOf(messages),
  }
}

function rangeOf(numbers: readonly number[]): Range {
  return { least: Math.min(...numbers), most: Math.max(...numbers) }
}
