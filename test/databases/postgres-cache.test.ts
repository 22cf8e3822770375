import { postgres } from 'otpkit/databases/postgres'
import { expect, it } from 'vitest'
import { everyOperation } from './every-operation'
import { openSchema } from './own-schema'

type Client = Parameters<typeof postgres>[0]

// Of PostgreSQL's own types.
const oids = { text: 25, void: 2278 }

// "Common functions that are not cacheable", says
// https://developers.cloudflare.com/hyperdrive/concepts/query-caching.
const changing =
  /\b(now|current_(timestamp|date|time)|localtime(stamp)?|timeofday|random|lastval|txid_current)\b/i

/** A client that answers a SELECT from what it was answered before, as Hyperdrive does by default. */
function behindCache(client: Client) {
  const answers = new Map<string, ReturnType<Client['query']>>()
  const query: Client['query'] = (text, values = []) => {
    if (!/^\s*SELECT\b/i.test(text) || changing.test(text)) return client.query(text, values)
    const key = JSON.stringify([text, values])
    const answer = answers.get(key) ?? client.query(text, values)
    answers.set(key, answer)
    return answer
  }
  return { query, answers }
}

it('a cache in front of PostgreSQL that keeps what only reads keeps no answer of ours', async () => {
  const { pool, schema, close } = await openSchema()
  try {
    const cache = behindCache(pool)
    const database = postgres(cache, { schema })
    await everyOperation(database)
    const limit = { key: 'a-key', max: 1, windowMs: 60_000 }
    expect(await database.take([limit])).toMatchObject({ ok: true })
    expect(await database.take([limit])).toMatchObject({ ok: false })
    expect([...cache.answers.keys()]).toEqual([])
  } finally {
    await close()
  }
})

it('no answer has a column of the type void, which Prisma cannot read', async () => {
  const { pool, schema, close } = await openSchema()
  try {
    const types = new Set<number>()
    const query: Client['query'] = async (text, values = []) => {
      const result = await pool.query(text, values)
      for (const { dataTypeID } of result.fields) types.add(dataTypeID)
      return result
    }
    await everyOperation(postgres({ query }, { schema }))
    expect([...types]).toContain(oids.text)
    expect([...types]).not.toContain(oids.void)
  } finally {
    await close()
  }
})
