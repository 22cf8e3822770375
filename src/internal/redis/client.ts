import { OtpError, type OtpErrorCode } from '../../errors'
import { checkClock } from '../check-function'
import { knownOptions } from '../known-options'
import {
  canHaveMethods,
  glide,
  hasMethods,
  type Instead,
  oldNodeRedis,
  refuseStrangeClients,
} from '../strange-clients'
import { isTimeLimit, within } from '../within'
import { whySilent } from '../workerd'
import { wrongOption } from '../wrong-option'

/** What is called of a node-redis client, pool, sentinel or cluster (version 4 and later). */
export interface NodeRedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** What is called of an ioredis `Redis` or `Cluster` (version 5 and later), or of iovalkey. */
export interface IoRedisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** What is called of a `Redis` of `@upstash/redis`, over HTTP. */
export interface UpstashClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>
  createScript(script: string): unknown
}

/** A connected client of one of these libraries; Redis and Valkey, one server or a cluster. */
export type RedisClient = NodeRedisClient | IoRedisClient | UpstashClient

/** A Lua script, which the server runs as one step. */
export interface RedisScript {
  readonly source: string
  /** The name that the server knows it by, once it has seen it. */
  sha1(): string | Promise<string>
}

/** What all adapters take. */
export interface RedisOptions {
  /**
   * What every key begins with: 1 to 64 letters, digits or any of `_ . : -`.
   *
   * @defaultValue `'otpkit'`
   */
  readonly prefix?: string
  /**
   * How long to wait for an answer, in milliseconds. A call that is given up may still be carried
   * out: it is never taken for success, and what it charged stays charged.
   *
   * @defaultValue 5,000
   */
  readonly timeoutMs?: number
  /**
   * The present in milliseconds, for tests.
   *
   * @defaultValue the server's clock, so that hosts may disagree
   */
  readonly clock?: () => number
}

/** Runs scripts, whatever the client. */
export interface RedisScripts {
  /** Whether keys of different slots must not meet in one script. */
  readonly cluster: boolean
  /** The script gets the prefix before each key, and the present before the arguments. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown>
  /** Runs one that answers 1 once it is done, and nothing else. */
  carryOut(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<void>
  strangeReply(): OtpError
}

/** A script whose digest is computed when it is first run. */
export function redisScript(source: string): RedisScript {
  let sha1: string | Promise<string> | undefined
  return {
    source,
    sha1: () => {
      sha1 ??= digest(source).then((computed) => {
        sha1 = computed
        return computed
      })
      return sha1
    },
  }
}

/**
 * Recognises the client by its methods, and checks the options.
 * @throws `TypeError` when it has none of them, or an option is wrong.
 */
export function redisScripts(
  factory: string,
  client: RedisClient,
  code: OtpErrorCode,
  given: RedisOptions,
): RedisScripts {
  const options = knownOptions(factory, given, { prefix: true, timeoutMs: true, clock: true })
  const { prefix = 'otpkit', timeoutMs = 5_000 } = options
  const clock = checkClock(factory, options.clock)
  const call = scriptCalls(factory, client)
  checkPrefix(factory, prefix)
  checkTimeout(factory, timeoutMs)

  async function evaluate(script: RedisScript, keys: string[], args: string[]): Promise<unknown> {
    const sha1 = script.sha1()
    try {
      return await call.bySha1(typeof sha1 === 'string' ? sha1 : await sha1, keys, args)
    } catch (error) {
      // A server that was restarted, promoted or flushed has not seen the script.
      if (!isUnknownScript(error)) throw error
      return call.bySource(script.source, keys, args)
    }
  }

  const run: RedisScripts['run'] = (script, keys, args) => {
    const now = clock === undefined ? '' : String(Math.floor(clock()))
    const named = keys.map((key) => `${prefix}:${key}`)
    // Clients have options of their own for this, but some wait for ever for a reply under load.
    return within(
      timeoutMs,
      evaluate(script, named, [now, ...args]),
      () => new OtpError(code, `Redis did not answer within ${timeoutMs} ms${whySilent('')}`),
    )
  }

  // Nothing of the reply is quoted: it may hold a challenge.
  const strangeReply = () =>
    new OtpError(
      code,
      "Redis answered with something else than the script's reply, which is text (no typeMapping to buffers)",
    )

  return {
    cluster: isCluster(client),
    run,
    carryOut: async (script, keys, args) => {
      if (String(await run(script, keys, args)) !== '1') throw strangeReply()
    },
    strangeReply,
  }
}

/** `now` of every script: the server's clock, or the instant that a test hands in. */
export const nowInLua = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end`

/**
 * How much longer Redis keeps a key than it counts. What ends when is decided by the instants in
 * the value; a replica whose clock runs ahead, once promoted, must not end it earlier.
 */
export const graceMs = 60_000

/** The texts of an answer; none of them where it is anything but a list of texts and numbers. */
export function texts(reply: unknown): readonly string[] {
  if (!Array.isArray(reply)) return []
  const isText = (part: unknown) => typeof part === 'string' || typeof part === 'number'
  return reply.every(isText) ? reply.map(String) : []
}

// A prefix with braces would change which cluster slot a key belongs to.
function checkPrefix(factory: string, prefix: unknown): void {
  if (typeof prefix !== 'string' || !/^[A-Za-z0-9_.:-]{1,64}$/.test(prefix)) {
    throw wrongOption(factory, 'prefix', 'must be 1 to 64 letters, digits or any of _ . : -')
  }
}

function checkTimeout(factory: string, timeoutMs: unknown): void {
  if (isTimeLimit(timeoutMs)) return
  throw wrongOption(factory, 'timeoutMs', 'must be a number of milliseconds, 1 or more')
}

interface ScriptCalls {
  bySha1(sha1: string, keys: string[], args: string[]): Promise<unknown>
  bySource(source: string, keys: string[], args: string[]): Promise<unknown>
}

const strangeClients: readonly Instead[] = [
  [
    glide,
    'give { eval: (script, count, ...rest) => client.customCommand(["EVAL", script, String(count), ...rest]) }, and evalsha likewise',
  ],
  [oldNodeRedis, 'give one of version 4 or later'],
]

function scriptCalls(factory: string, client: RedisClient): ScriptCalls {
  refuseStrangeClients(factory, 'client', client, strangeClients)
  if (isUpstash(client)) {
    expectPlainUpstash(factory, client)
    return {
      bySha1: (sha1, keys, args) => client.evalsha(sha1, keys, args),
      bySource: (source, keys, args) => client.eval(source, keys, args),
    }
  }
  if (isNodeRedis(client)) {
    return {
      bySha1: (sha1, keys, args) => client.evalSha(sha1, { keys, arguments: args }),
      bySource: (source, keys, args) => client.eval(source, { keys, arguments: args }),
    }
  }
  if (isIoRedis(client)) {
    return {
      bySha1: (sha1, keys, args) => client.evalsha(sha1, keys.length, ...keys, ...args),
      bySource: (source, keys, args) => client.eval(source, keys.length, ...keys, ...args),
    }
  }
  throw wrongOption(
    factory,
    'client',
    'must be a client or cluster of node-redis (eval, evalSha) or of ioredis (eval, evalsha)',
  )
}

// Read as JSON, a digest of figures alone would come back as a number. Of a pipeline that it makes
// by itself one failure fails all, so that what was carried out would be run once more.
function expectPlainUpstash(factory: string, client: UpstashClient): void {
  const options: unknown = Reflect.get(client, 'opts')
  const option = (name: string): unknown =>
    canHaveMethods(options) ? Reflect.get(options, name) : undefined
  if (option('automaticDeserialization') === false && option('enableAutoPipelining') === false) {
    return
  }
  throw wrongOption(
    factory,
    'client',
    'is of @upstash/redis: make it with automaticDeserialization: false and enableAutoPipelining: false',
  )
}

function isUpstash(client: unknown): client is UpstashClient {
  return hasMethods(client, 'eval', 'evalsha', 'createScript')
}

function isNodeRedis(client: unknown): client is NodeRedisClient {
  return hasMethods(client, 'eval', 'evalSha')
}

function isIoRedis(client: unknown): client is IoRedisClient {
  return hasMethods(client, 'eval', 'evalsha')
}

// ioredis says so itself; of node-redis, only a cluster can tell which node serves a slot.
function isCluster(client: object): boolean {
  return Reflect.get(client, 'isCluster') === true || hasMethods(client, 'getSlotRandomNode')
}

// Some put what they were doing in front of the server's words.
function isUnknownScript(error: unknown): boolean {
  return canHaveMethods(error) && /\bNOSCRIPT\b/.test(String(Reflect.get(error, 'message')))
}

async function digest(source: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(source))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
