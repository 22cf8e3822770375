// Runs a script in the edge runtime beside the sandbox of Next.js: a `process` that throws at
// the question for a module of Node. Prints what the script answers to a request.
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')

const [folder, file] = process.argv.slice(2)
const { EdgeRuntime } = createRequire(join(folder, 'any.js'))('edge-runtime')
const runtime = new EdgeRuntime({
  initialCode: readFileSync(file, 'utf8'),
  extend: (context) => {
    context.process = new Proxy(
      { env: { NODE_ENV: 'test', OTP_SECRET: 'a-secret-for-tests-only-0123456789abcdef' } },
      {
        get: (target, name) => {
          if (name === 'getBuiltinModule') throw new Error('not supported in the edge runtime')
          return target[name]
        },
      },
    )
    return context
  },
})
runtime
  .dispatchFetch('http://edge.example/')
  .then(async (response) =>
    process.stdout.write(`\n@${await response.text()}`, () => process.exit(0)),
  )
