import { createPool, type PoolOptions } from 'mysql2'
import type { Pool } from 'mysql2/promise'

/** A pool with options of its own, whose sessions begin with these settings. */
export function oddPool(uri: string, options: PoolOptions, settings: readonly string[] = []): Pool {
  const pool = createPool({ uri, connectionLimit: 10, ...options })
  pool.on('connection', (connection) => {
    for (const setting of settings) {
      // Before whatever the connection was opened for.
      connection.query(`SET SESSION ${setting}`, (error) => {
        if (error !== null) connection.destroy()
      })
    }
  })
  return pool.promise()
}
