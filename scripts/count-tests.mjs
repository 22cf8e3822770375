// Prints "N passed, N failed" from vitest's JSON report. A file whose tests never began, and a report
// that is missing, each count as one failure. Each failed test is named first, so that the end of a
// long log tells which. Exits with 1 on any failure, or when nothing ran.
import { readFileSync } from 'node:fs'

const [path = ''] = process.argv.slice(2)

const shortened = (message) => message.slice(0, 1_500)

function count() {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(path, 'utf8'))
    const broken = testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
    )
    for (const { name, message } of broken) console.log(`failed: ${name}\n  ${shortened(message)}`)
    for (const { name, assertionResults } of testResults)
      for (const { fullName, status, failureMessages } of assertionResults)
        if (status === 'failed')
          console.log(`failed: ${name}: ${fullName}\n  ${shortened(failureMessages.join(' '))}`)
    return { passed: numPassedTests, failed: numFailedTests + broken.length }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const { passed, failed } = count()
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
