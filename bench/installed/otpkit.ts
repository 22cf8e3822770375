import { OtpManager } from 'otpkit'
import type { Place } from '../protocol'
import { connectMariadb, connectPostgres, connectRedis, openSqlite } from './clients'
import { type Contender, type Deliver, noBackend } from './contender'

/** The README's first code with a delivery that takes the code, over any database. */
export async function createOtpkit(place: Place, deliver: Deliver): Promise<Contender> {
  const { database, close } = await openDatabase(place)
  const delivery = (reaches: 'phone' | 'email') => ({
    name: 'bench',
    reaches: [reaches],
    async deliver({ to, code = '' }: { readonly to: string; readonly code?: string }) {
      deliver(to, code)
      return { provider: 'bench' }
    },
  })
  const otp = new OtpManager({
    secret: 'what four processes of one backend have in common',
    database,
    deliveries: { sms: delivery('phone'), email: delivery('email') },
    countries: ['IN', 'BD', 'IR'],
    purposes: ['login'],
    ...(place.lifetime !== undefined && { lifetime: place.lifetime }),
  })
  return {
    async send(to, ip) {
      const sent = await otp.send({ to, channel: 'sms', purpose: 'login', ip })
      if (!sent.ok && sent.reason === 'invalid') throw new Error(`${sent.field} ${sent.problem}`)
      return sent.ok
    },
    async verify(to, code, ip) {
      const result = await otp.verify({ to, purpose: 'login', code, ip })
      if (result.ok) return 'verified'
      if (result.reason === 'invalid') throw new Error(`${result.field} ${result.problem}`)
      return result.reason === 'incorrect' ? 'incorrect' : 'refused'
    },
    close,
  }
}

// What only one of them needs is not loaded for the others: the first call of a process is measured.
async function openDatabase(place: Place) {
  switch (place.backend) {
    case 'memory': {
      const { memory } = await import('otpkit/databases/memory')
      const capacity = place.url === '' ? 10_000_000 : Number(place.url)
      return { database: memory({ capacity }), close: async () => {} }
    }
    case 'redis': {
      const { redis } = await import('otpkit/databases/redis')
      const client = await connectRedis(place.url)
      return { database: redis(client), close: async () => client.destroy() }
    }
    case 'postgres': {
      const { migrate, postgres } = await import('otpkit/databases/postgres')
      const pool = await connectPostgres(place.url)
      await migrate(pool)
      return { database: postgres(pool), close: () => pool.end() }
    }
    case 'mariadb': {
      const { migrate, mysql } = await import('otpkit/databases/mysql')
      const pool = await connectMariadb(place.url)
      await migrate(pool)
      return { database: mysql(pool), close: () => pool.end() }
    }
    case 'sqlite': {
      const { migrate, sqlite } = await import('otpkit/databases/sqlite')
      const file = await openSqlite(place.url)
      await migrate(file)
      return { database: sqlite(file), close: async () => void file.close() }
    }
    default:
      return noBackend(place)
  }
}
