import { escapeHtml } from '../http/escape-html'
import type { ChallengeLog, LoggedChallenge } from './challenge-log'

/** The challenges as a page of HTML. */
export function adminPage(challenges: ChallengeLog, attempts: number): string {
  const rows = challenges.newestFirst().map((challenge) => row(challenge, attempts))
  const counts = Array.from(challenges.counts(), ([type, count]) => {
    return `<li>${escapeHtml(type.replaceAll('_', ' '))}: ${count}</li>`
  })
  const columns = ['Recipient', 'State', 'Sent', 'Good until', 'Messages', 'Attempts']
  const heads = columns.map((column) => `<th scope="col">${column}</th>`).join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>One-time codes</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/style.css">
</head>
<body>
<main class="wide">
<h1>One-time codes</h1>
<p class="hint">What this process has sent since it started, newest first. There are no codes here, since none is
stored. Times are UTC.</p>
<ul class="counts">${counts.join('') || '<li>Nothing has happened yet.</li>'}</ul>
<div class="table" role="region" aria-label="Challenges" tabindex="0">
<table>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>
</main>
</body>
</html>
`
}

function row(challenge: LoggedChallenge, most: number): string {
  const { recipient, state, startedAt, expiresAt, messages, attempts, failure } = challenge
  const cells = [
    `<bdi>${escapeHtml(recipient)}</bdi>`,
    escapeHtml(failure === undefined ? state : `${state}: ${failure}`),
    instant(startedAt),
    instant(expiresAt),
    String(messages),
    expiresAt === 0 ? '' : `${attempts} of ${most}`,
  ]
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

function instant(epochMs: number): string {
  if (epochMs === 0) return ''
  const iso = new Date(epochMs).toISOString()
  return `<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')}</time>`
}
