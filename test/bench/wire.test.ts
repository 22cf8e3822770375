import { describe, expect, it } from 'vitest'
import { commandCounters } from '../../bench/harness/wire'
import type { Backend } from '../../bench/protocol'

const postgresMessage = (letter: string, body: string) => {
  const bytes = Buffer.alloc(letter.length + 4 + body.length)
  bytes.write(letter)
  bytes.writeUInt32BE(4 + body.length, letter.length)
  bytes.write(body, letter.length + 4)
  return bytes
}
const mysqlPacket = (number: number, body: string) =>
  Buffer.concat([Buffer.from([body.length, 0, 0, number]), Buffer.from(body)])

// Each has three commands, and what else a client says.
const said: [Backend, Buffer][] = [
  [
    'redis',
    Buffer.from('*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$5\r\n*1\r\n$\r\n*1\r\n$4\r\nPING\r\n'),
  ],
  [
    'postgres',
    Buffer.concat([
      postgresMessage('', '\0\x03\0\0user\0Q\0\0'),
      postgresMessage('Q', 'SELECT 1\0'),
      ...['P', 'B', 'E', 'S'].map((letter) => postgresMessage(letter, 'EEQ\0')),
      postgresMessage('E', '\0\0\0\0\0'),
    ]),
  ],
  [
    'mariadb',
    Buffer.concat([
      mysqlPacket(1, 'handshake'),
      ...[0, 0, 0].map((n) => mysqlPacket(n, '\x03abc')),
    ]),
  ],
]

describe('counting commands on their way', () => {
  it.each(said)('of %s finds each, whatever the pieces', (backend, bytes) => {
    for (const size of [1, 3, 7, bytes.length]) {
      const count = commandCounters[backend]()
      let commands = 0
      for (let at = 0; at < bytes.length; at += size)
        commands += count(bytes.subarray(at, at + size))
      expect(commands).toBe(3)
    }
  })
})
