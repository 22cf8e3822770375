import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SharedServer } from '../servers/open'

const run = promisify(execFile)

/** The package, built and packed without its types, and unpacked into a folder. */
export async function openPackage(): Promise<SharedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'otpkit-built-'))
  const [source, unpacked] = [join(folder, 'source'), join(folder, 'otpkit')]
  await mkdir(source)
  await mkdir(unpacked)
  await run('npx', ['--no-install', 'tsup', '--no-dts', '--out-dir', join(source, 'dist')])
  await cp('package.json', join(source, 'package.json'))
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]
  const { stdout } = await run('npm', pack, { cwd: source })
  await run('tar', ['-xzf', join(folder, stdout.trim()), '-C', unpacked, '--strip-components=1'])
  return { urls: [unpacked], stop: () => rm(folder, { recursive: true, force: true }) }
}
