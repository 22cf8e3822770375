// How the pages say that one installs the library. `npx tsx scripts/install.ts` writes it into them.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type GeneratedPart, writeParts } from '../bench/harness/documents'

/** Whether the registry has the package. Set it on the day of publication, and run this file. */
export const isPublished = false

const manifest = new URL('../package.json', import.meta.url)
const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'))
const tarball = `otpkit-${version}.tgz`

const registry = 'npm init -y && npm install otpkit'

// A folder beside the clone, where nothing of it is found by accident.
const packed = `npm init -y && npm install ../otpkit/${tarball}`

const fromRegistry = (folder: string) => `\`\`\`sh
mkdir ${folder} && cd ${folder} && ${registry}
\`\`\``

const fromClone = (
  folder: string,
) => `The package is not on the registry yet. Pack it in a clone of this repository, in a folder called \`otpkit\`:

\`\`\`sh
npm ci && npm pack
mkdir ../${folder} && cd ../${folder} && ${packed}
\`\`\``

/** What stands in the pages, before publication and after it. */
export function installParts(published: boolean): readonly GeneratedPart[] {
  const install = published ? fromRegistry : fromClone
  return [
    { page: 'README.md', name: 'install', text: install('first-code') },
    { page: 'docs/start.md', name: 'install', text: install('first-login') },
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeParts(installParts(isPublished))
