import { onFastify } from '../http/fastify'
import { start } from '../http/serve'
import { runOperators } from '../operators/run'

await start('fastify-operators', () => runOperators(onFastify, process.env))
