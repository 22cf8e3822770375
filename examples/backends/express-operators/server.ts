import { onExpress } from '../http/express'
import { start } from '../http/serve'
import { runOperators } from '../operators/run'

await start('express-operators', () => runOperators(onExpress, process.env))
