import { expect, it } from 'vitest'
import { asking, openDashboard } from './ask'

/** Names as somebody could hand in who names providers, or reports under a name. */
const names = [
  '=HYPERLINK("https://evil.example")',
  '+1+1',
  '-2',
  '@SUM(A1)',
  '\tTab',
  ' =1',
  'a,b"c',
  '＝1',
]

it.each(names)('a table to save holds no formula: %j', async (provider) => {
  const { dashboard, history, clock } = openDashboard()
  history.record({ ...{ type: 'sent', provider, delivery: 'accepted' }, at: clock.now() })
  const answer = await asking(dashboard)('data/providers.csv')
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="otp-providers.csv"')
  const [head, line = ''] = (await answer.text()).split('\r\n')
  expect(head).toBe('"provider","sent","share","delivered","verified","median_ms","failures"')
  const [, cell = ''] = /^"((?:[^"]|"")*)",1,1,,0,,0$/.exec(line) ?? []
  expect(cell).not.toBe('')
  expect(cell).not.toMatch(/^[\s]*[=+\-@＝＋－＠]/)
})
