import type { Backend } from '../protocol'

/** Counts the commands in what a client sends, over the pieces that it comes in. */
export type CommandCounter = (piece: Buffer) => number

/** Where a message ends and whether it is a command; `undefined` until there is more of it. */
type ReadMessage = (
  bytes: Buffer,
) => { readonly end: number; readonly command: boolean } | undefined

function counter(read: ReadMessage): CommandCounter {
  let rest: Buffer = Buffer.alloc(0)
  return (piece) => {
    rest = Buffer.concat([rest, piece])
    let commands = 0
    for (let message = read(rest); message !== undefined; message = read(rest)) {
      rest = rest.subarray(message.end)
      if (message.command) commands += 1
    }
    return commands
  }
}

// `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`: how many parts, and each with its length before it.
const readRedis: ReadMessage = (bytes) => {
  let at = 0
  const line = (): number | undefined => {
    const end = bytes.indexOf('\r\n', at)
    if (end === -1) return undefined
    const number = Number(bytes.toString('latin1', at + 1, end))
    at = end + 2
    return number
  }
  const parts = line()
  if (parts === undefined) return undefined
  for (let part = 0; part < parts; part += 1) {
    const length = line()
    if (length === undefined || at + length + 2 > bytes.length) return undefined
    at += length + 2
  }
  return { end: at, command: true }
}

// A letter, the length with itself, and so on; the very first message has no letter. Each query is
// one `Query` or one `Execute`.
function postgresReader(): ReadMessage {
  let started = false
  return (bytes) => {
    const letter = started ? 1 : 0
    if (bytes.length < letter + 4) return undefined
    const end = letter + bytes.readUInt32BE(letter)
    if (bytes.length < end) return undefined
    const command = started && (bytes[0] === 0x51 || bytes[0] === 0x45)
    started = true
    return { end, command }
  }
}

// Three bytes of length and the number of the packet: 0 begins a command, others answer the server.
const readMysql: ReadMessage = (bytes) => {
  if (bytes.length < 4) return undefined
  const end = 4 + bytes.readUIntLE(0, 3)
  return bytes.length < end ? undefined : { end, command: bytes[3] === 0 }
}

const nothing = () => () => 0

/** Made anew for each connection. */
export const commandCounters: Record<Backend, () => CommandCounter> = {
  memory: nothing,
  sqlite: nothing,
  redis: () => counter(readRedis),
  postgres: () => counter(postgresReader()),
  mariadb: () => counter(readMysql),
}
