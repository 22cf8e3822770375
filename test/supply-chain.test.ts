import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const workflows = readdirSync('.github/workflows').map(
  (file) => [file, readFileSync(`.github/workflows/${file}`, 'utf8')] as const,
)
const publishing = readFileSync('.github/workflows/publish.yml', 'utf8')
const [beforePublish = '', publish = ''] = publishing.split('\n  publish:\n')

describe('what is published', () => {
  it('is made by actions that are pinned by commit', () => {
    const actions = workflows.flatMap(([file, text]) =>
      [...text.matchAll(/uses: (\S+)/g)].map(([, action = '']) => `${file}: ${action}`),
    )
    expect(actions.length).toBeGreaterThan(5)
    expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([])
  })

  it('is packed by a job that may not publish, and published by one that runs nothing else', () => {
    expect(beforePublish).toContain('npm pack')
    expect(beforePublish).not.toContain('id-token')
    expect(publish).toMatch(/\n {4}permissions:\n {6}id-token: write\n {4}\w/)
    expect([...publish.matchAll(/run: (.+)/g)].map(([, command]) => command)).toEqual([
      'npm publish ./*.tgz --ignore-scripts --provenance --access public',
    ])
  })

  it('and tested, is made of packages whose content is known', () => {
    for (const folder of ['', 'bench/', 'test/clients/', 'test/runtimes/']) {
      const lock = `${folder}package-lock.json`
      const { packages } = JSON.parse(readFileSync(lock, 'utf8'))
      const unknown = Object.entries<{ link?: boolean; integrity?: string }>(packages).filter(
        ([name, { link, integrity }]) => name !== '' && link !== true && integrity === undefined,
      )
      expect(unknown.map(([name]) => `${lock}: ${name}`)).toEqual([])
    }
  })
})
