import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { askRedis } from './redis'

/** A key as it stands on the server. */
export interface RedisKey {
  readonly key: string
  readonly value: string
  /** Milliseconds until the server removes it; -1 when it never will. */
  readonly expiresInMs: number
}

/** All keys that begin with this prefix, on all of these servers. */
export async function redisKeys(urls: readonly string[], prefix: string): Promise<RedisKey[]> {
  const keys = await Promise.all(urls.map((url) => keysOf(url, prefix)))
  return keys.flat()
}

/** The check that catches S45: a key that never expires counts for ever, or is kept for ever. */
export async function expectExpiries(urls: readonly string[], prefix: string): Promise<void> {
  const lasting = (await redisKeys(urls, prefix)).filter(({ expiresInMs }) => expiresInMs < 0)
  expect(
    lasting.map(({ key }) => key),
    'keys without a time to live',
  ).toEqual([])
}

/** Makes these servers forget all scripts. */
export async function flushScripts(urls: readonly string[]): Promise<void> {
  await Promise.all(urls.map((url) => askRedis(url, 'SCRIPT', 'FLUSH')))
}

async function keysOf(url: string, prefix: string): Promise<RedisKey[]> {
  const client = new Redis(url)
  try {
    const [role] = await client.role()
    if (role !== 'master') return []
    const keys: string[] = []
    for await (const found of client.scanStream({ match: `${prefix}*`, count: 1_000 })) {
      keys.push(...found)
    }
    return await Promise.all(
      [...new Set(keys)].map(async (key) => ({
        key,
        value: (await client.getBuffer(key))?.toString('latin1') ?? '',
        expiresInMs: await client.pttl(key),
      })),
    )
  } finally {
    client.disconnect()
  }
}
