// For tests: a folder that ends with the test.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'otpkit-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
