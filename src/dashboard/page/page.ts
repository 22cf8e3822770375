import type { About } from '../data'
import { inWordsOf, queryOf, readAddress, writeAddress } from './address'
import { showComparison } from './comparison'
import { element, replace } from './dom'
import { showFailures } from './failures'
import { showFeed } from './feed'
import { setUpFilters, showFilters } from './filters'
import { showFunnel } from './funnel'
import { showGuard } from './guard'
import { showMoney } from './money'
import { showFreshness, showNotices } from './notices'
import { showNow } from './now'
import { panel } from './panel'
import { permitPerson } from './person'
import { showRefusals } from './refusals'
import { read } from './server'
import { timesSection } from './times'

const numbersEveryMs = 30_000
const feedEveryMs = 5_000

let shown = readAddress()
let about: About | undefined
/** Of when the numbers on the page are; 0 while there are none. */
let asOf = 0

const panels = [
  panel('summary', 'now', showNow),
  panel('funnel', 'funnel', (funnel, what) =>
    showFunnel(funnel, what, (by) => {
      writeAddress({ ...shown, by })
      change()
    }),
  ),
  panel('times', 'time', timesSection()),
  panel('failures', 'failures', showFailures),
  panel('refusals', 'refusals', showRefusals),
  panel('money', 'money', showMoney),
  panel('providers', 'providers', (data, what) => showComparison('provider', data, what)),
  panel('countries', 'countries', (data, what) => showComparison('country', data, what)),
  panel('guard', 'guard', showGuard),
]
const feed = panel('feed', 'feed', showFeed, () => 'limit=100')

/** Whether somebody who does not see the page must hear that it shows something else. */
let isChanged = false
let loading = new AbortController()
let nextNumbers: ReturnType<typeof setTimeout> | undefined

/** Asks for all numbers, and again after a while. A newer question makes an older one void. */
async function load(): Promise<void> {
  clearTimeout(nextNumbers)
  loading.abort()
  loading = new AbortController()
  const { signal } = loading
  const [told, ...loaded] = await Promise.all([
    read('about', queryOf(shown), signal),
    ...panels.map((one) => one.load(shown, signal)),
  ])
  if (signal.aborted) return
  nextNumbers = setTimeout(loadIfSeen, numbersEveryMs)
  const failed = [told, ...loaded].find((one) => !one.ok)
  if (told.ok) {
    about = told.value
    permitPerson(about)
    showFilters(shown, about.seen)
    const may = about.can.length === 0 ? 'look' : `look, ${about.can.join(' and ')}`
    replace(element('actor', HTMLElement), `You are ${about.name}, and may ${may}.`)
    if (failed === undefined) asOf = about.asOf
  }
  if (isChanged) element('told', HTMLElement).textContent = `Shown: ${inWordsOf(shown)}.`
  isChanged = false
  showNotices(about, failed, asOf)
  showFreshness(asOf, failed !== undefined)
}

/** Nobody asks for a page in the background; it asks as soon as it is seen. */
function loadIfSeen(): void {
  if (!document.hidden) void load()
}

let nextFeed: ReturnType<typeof setTimeout> | undefined
const pause = element('pause', HTMLButtonElement)

async function loadFeed(): Promise<void> {
  clearTimeout(nextFeed)
  if (document.hidden || pause.getAttribute('aria-pressed') === 'true') return
  await feed.load(shown, new AbortController().signal)
  clearTimeout(nextFeed)
  nextFeed = setTimeout(loadFeed, feedEveryMs)
}

/** Shows what the address says now. */
function change(): void {
  shown = readAddress()
  showFilters(shown, about?.seen)
  document.title = `One-time codes, ${inWordsOf(shown)}`
  for (const one of panels) one.wait()
  void load()
}

setUpFilters(() => {
  isChanged = true
  change()
})
element('reload', HTMLButtonElement).addEventListener('click', () => {
  void load()
  void loadFeed()
})
pause.addEventListener('click', () => {
  const isPaused = pause.getAttribute('aria-pressed') !== 'true'
  pause.setAttribute('aria-pressed', String(isPaused))
  if (!isPaused) void loadFeed()
})
document.addEventListener('visibilitychange', () => {
  loadIfSeen()
  void loadFeed()
})
change()
void loadFeed()
