// npm run release:check: says what publication still needs. Exits with 1 while anything is open.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const open = []

for (const field of ['repository', 'homepage', 'bugs']) {
  if (manifest[field] === undefined)
    open.push(`package.json: no ${field}; npm refuses provenance without the repository`)
}

for (const folder of ['', 'bench/', 'test/clients/', 'test/runtimes/']) {
  const path = `${folder}package-lock.json`
  const { packages } = JSON.parse(readFileSync(path, 'utf8'))
  for (const [name, entry] of Object.entries(packages)) {
    if (name !== '' && entry.link !== true && entry.integrity === undefined) {
      open.push(`${path}: ${name} has no integrity`)
    }
  }
}

for (const file of readdirSync('.github/workflows')) {
  const text = readFileSync(`.github/workflows/${file}`, 'utf8')
  for (const [, action] of text.matchAll(/uses: (\S+)/g)) {
    if (!/@[0-9a-f]{40}$/.test(action)) open.push(`${file}: ${action} is not pinned by commit`)
  }
}

if (
  !new RegExp(`^## ${manifest.version.replaceAll('.', '\\.')} \\(\\d{4}-`, 'm').test(
    readFileSync('CHANGELOG.md', 'utf8'),
  )
) {
  open.push(`CHANGELOG.md: ${manifest.version} has no date`)
}

open.push(...nameOnRegistry())
for (const line of open) console.log(`- ${line}`)
console.log(open.length === 0 ? 'Nothing is open.' : `${open.length} open.`)
process.exitCode = open.length === 0 ? 0 : 1

/** What the registry says of the name: it must be free, or ours with an earlier version. */
function nameOnRegistry() {
  try {
    const versions = execFileSync('npm', ['view', manifest.name, 'versions', '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const taken = [JSON.parse(versions)].flat()
    return [`npm: the name ${manifest.name} exists, up to ${taken.at(-1)}; it must be yours`]
  } catch (error) {
    return String(error.stdout).includes('E404') || String(error.stderr).includes('E404')
      ? []
      : ['npm: the registry did not say whether the name is free']
  }
}
