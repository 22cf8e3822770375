import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { assets, html } from '../../src/dashboard/assets'
import { loaded, openDashboards, startDashboard } from './start-dashboard'

const dashboards = openDashboards()
const guide = readFileSync(new URL('../../docs/dashboard.md', import.meta.url), 'utf8')

/** What the guide says of a part: requests, kilobytes, kilobytes with gzip. */
function stated(part: string): readonly number[] {
  const row = guide.split('\n').find((line) => line.startsWith(`| ${part} |`)) ?? ''
  return Array.from(row.matchAll(/[\d.]+/g), ([number]) => Number(number))
}

it('the page weighs what its guide says', async () => {
  const dashboard = await startDashboard()
  const { page } = await dashboards.newPage({ width: 1280, height: 900 })
  // What is asked for again after a while counts once.
  const paths = new Set<string>()
  page.on('request', (request) => paths.add(new URL(request.url()).pathname))
  await page.goto(dashboard.url, { waitUntil: 'networkidle' })
  await loaded(page)
  const asked = [...paths]
  const isData = (path: string) => path.includes('/data/')
  const files = [html, ...assets.map(({ body }) => body)].map((file) => Buffer.from(file))
  const sizes = [files, files.map((file) => gzipSync(file))].map(
    (all) => Buffer.concat(all).length / 1_000,
  )
  const [requests, ...most] = stated('page, style and script')
  expect(asked.filter((path) => !isData(path)).length).toBe(requests)
  sizes.forEach((size, index) => {
    expect(size).toBeLessThanOrEqual(most[index] ?? 0)
    // Nor does the guide frighten anybody.
    expect(size).toBeGreaterThan((most[index] ?? 0) * 0.9)
  })
  expect(stated('answers')).toEqual([asked.filter(isData).length])
})

it('no part of it makes markup, styles or code of text', () => {
  const script = assets.find(({ type }) => type.startsWith('text/javascript'))?.body ?? ''
  expect(script.length).toBeGreaterThan(10_000)
  expect(script).not.toMatch(
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
  )
  expect(html).not.toMatch(/ style=|<style| on[a-z]+=|<script>|https?:/)
})
