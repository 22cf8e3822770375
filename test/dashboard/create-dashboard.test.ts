import { OtpError, OtpManager } from 'otpkit'
import { createDashboard } from 'otpkit/dashboard'
import { memoryHistory } from 'otpkit/histories/memory'
import { describe, expect, it, vi } from 'vitest'
import type { Failures } from '../../src/dashboard/data'
import { phone } from '../fixture'
import { asking, openDashboard, origin, post, read } from './ask'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const panels = [
  'about',
  'summary',
  'funnel',
  'times',
  'failures',
  'refusals',
  'money',
  'providers',
  'countries',
  'guard',
  'feed',
]

describe('createDashboard', () => {
  const { otp, history } = openDashboard()
  const authorize = () => ({ name: 'ada' })

  it.each([
    ['authorize', { otp, history }],
    ['authorize', { otp, history, authorize: { name: 'ada' } }],
    ['otp', { history, authorize }],
    ['history', { otp, authorize }],
    ['history', { otp, authorize, history: {} }],
    ['clock', { otp, history, authorize, clock: 5 }],
    ['prices', { otp, history, authorize, prices: { currency: 'euro', perMessage: {} } }],
    ['prices', { otp, history, authorize, prices: { currency: 'EUR', perMessage: { sms: '1' } } }],
    ['basePath', { otp, history, authorize, basePath: '/admin' }],
    ['prices', { otp, history, authorize, prices: null }],
  ])('names the wrong option %s', (name, options) => {
    expect(() => Reflect.apply(createDashboard, undefined, [options])).toThrow(
      new RegExp(`^otpkit: createDashboard: option \`${name}\` `),
    )
  })

  it.each([
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2e6,
    true,
    null,
    undefined,
    [],
    [1],
    { DE: -1 },
    { DE: null },
    { DE: [] },
    { germany: 1 },
    { de: 1 },
  ])('takes no price that would be none: %j', (sms) => {
    const prices = { currency: 'EUR', perMessage: { sms } }
    expect(() =>
      Reflect.apply(createDashboard, undefined, [{ otp, history, authorize, prices }]),
    ).toThrow('otpkit: createDashboard: option `prices` must hold ')
  })

  it('takes every price that a cap on money takes', () => {
    for (const sms of [0, 1e6, { DE: 0.05, others: 1e6 }]) {
      const prices = { currency: 'EUR', perMessage: { sms } }
      expect(createDashboard({ otp, history, authorize, prices })).toBeTypeOf('function')
    }
  })

  it.each([[undefined], [true], [null], [{}], [{ name: '' }], [{ name: 'a', can: ['delete'] }]])(
    'lets nobody in when authorize says %j',
    async (said) => {
      const options = { otp, history, authorize: () => said }
      const ask = asking(Reflect.apply(createDashboard<[]>, undefined, [options]))
      for (const path of ['', 'data/feed']) {
        await expect(ask(path)).rejects.toThrow('otpkit: createDashboard: option `authorize` ')
      }
    },
  )

  it('answers whom authorize refuses with nothing, wherever they look', async () => {
    const ask = asking(
      createDashboard({ otp, history, authorize: async (): Promise<false> => false }),
    )
    for (const path of ['', 'data/feed', 'data/nothing', 'assets/page.css', 'actions/find']) {
      const answer = await ask(path)
      expect([answer.status, await answer.json()]).toEqual([
        403,
        { type: 'urn:otpkit:signed-out', status: 403, title: 'You may not look at this.' },
      ])
    }
  })

  it('hands authorize what the host hands over', async () => {
    const seen: unknown[] = []
    const dashboard = createDashboard({
      otp,
      history,
      authorize: (_request, session: { readonly user: string }) => {
        seen.push(session.user)
        return { name: session.user }
      },
    })
    await dashboard(new Request(`${origin}/admin/otp/`), { user: 'ada' })
    expect(seen).toEqual(['ada'])
  })

  it('takes any manager', () => {
    const one: OtpManager<'sms', 'login' | 'signup'> = otp
    expect(createDashboard({ otp: one, history, authorize })).toBeTypeOf('function')
    expect(one).toBeInstanceOf(OtpManager)
  })
})

describe('a dashboard', () => {
  it('is at home below any address, behind one redirect', async () => {
    const { dashboard } = openDashboard()
    for (const [path, location] of [
      ['/otp', './otp/'],
      ['/deep/in/the/back?range=day', './back/?range=day'],
      ['/x/javascript:alert(1)', './javascript:alert(1)/'],
    ]) {
      const answer = await dashboard(new Request(`${origin}${path}`))
      expect([answer.status, answer.headers.get('location')]).toEqual([308, location])
    }
    for (const path of ['/', '/otp/', '/deep/in/the/back/']) {
      const answer = await dashboard(new Request(`${origin}${path}`))
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'text/html; charset=utf-8',
      ])
    }
  })

  it('names in its page assets that it serves, and that never change', async () => {
    const { ask } = openDashboard()
    const html = await (await ask('')).text()
    const named = [...html.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, path = '']) => path)
    expect(named).toHaveLength(2)
    expect(html).not.toMatch(/(href|src)="(\/|https?:)/)
    for (const path of named) {
      const answer = await ask(path)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
      expect(answer.headers.get('content-type')).toMatch(/^text\/(css|javascript); charset=utf-8$/)
      const etag = answer.headers.get('etag') ?? ''
      const again = await ask(path, { headers: { 'if-none-match': etag } })
      expect([again.status, await again.text()]).toEqual([304, ''])
    }
  })

  it('tells no other site whether somebody is signed in, by what it loads', async () => {
    const { ask } = openDashboard()
    const html = await (await ask('')).text()
    const named = [...html.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, path = '']) => path)
    for (const path of ['', 'data/providers.csv', 'nothing.js', ...named]) {
      const { headers } = await ask(path, { headers: { 'sec-fetch-site': 'cross-site' } })
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    }
  })

  it('has one strict policy on everything, and keeps no data', async () => {
    const { dashboard, ask } = openDashboard()
    const answers = [
      await ask(''),
      ...(await Promise.all(panels.map((name) => ask(`data/${name}`)))),
      await ask('data/providers.csv'),
      await ask('data/odd'),
      await ask('data/feed', { method: 'HEAD' }),
      await post(dashboard, 'find', { to: phone, channel: 'sms', purpose: 'login' }),
    ]
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toBe(policy)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  it('answers every panel of a history that knows nothing, with what is unknown as null', async () => {
    const { dashboard } = openDashboard()
    for (const name of panels) await read(dashboard, name)
    expect(await read(dashboard, 'summary')).toMatchObject({
      now: { messages: 0, delivered: null, verified: null, medianMs: null },
      dayBefore: null,
      weekBefore: null,
      alarm: null,
    })
    expect(await read(dashboard, 'guard')).toMatchObject({ suspected: null, spent: [] })
  })

  it.each([
    ['data/funnel?range=century', 'range'],
    ['data/funnel?range=constructor', 'range'],
    ['data/funnel?to=yesterday', 'to'],
    ['data/funnel?to=-1', 'to'],
    ['data/funnel?to=1e99', 'to'],
    ['data/funnel?channel=sms&channel=voice', 'channel'],
    [`data/funnel?provider=${'x'.repeat(201)}`, 'provider'],
    ['data/funnel?country=%00', 'country'],
    ['data/funnel?limit=5', 'query'],
    ['data/summary?type=sent', 'query'],
    ['data/feed?limit=0', 'limit'],
    ['data/feed?limit=201', 'limit'],
    ['data/feed?before=now', 'before'],
    ['data/feed?before=1&before=2', 'before'],
    ['data/feed?fingerprint=x', 'query'],
  ])('refuses %s in its own words', async (path, field) => {
    const { ask } = openDashboard()
    const answer = await ask(path)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({
      type: 'urn:otpkit:invalid',
      field,
      detail: expect.stringMatching(/^[A-Z].+\.$/),
    })
  })

  it('bounds every range, and looks at nothing that lies ahead', async () => {
    const { dashboard, clock } = openDashboard()
    for (const [range, most] of [
      ['hour', 60],
      ['day', 24],
      ['week', 168],
      ['month', 30],
      ['quarter', 90],
      ['year', 365],
    ] as const) {
      const later = clock.now() + 1e12
      const { points, to } = await read<{ points: unknown[]; to: number }>(
        dashboard,
        `funnel?range=${range}&to=${later}`,
      )
      expect(points).toHaveLength(most)
      expect(to - clock.now()).toBeLessThanOrEqual(86_400_000)
    }
  })

  it('acts by POST alone, and from its own page alone', async () => {
    const { dashboard, ask, history } = openDashboard()
    for (const action of ['find', 'unlock']) {
      const got = await ask(`actions/${action}?to=${encodeURIComponent(phone)}`)
      expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
      const body = { to: phone, channel: 'sms', purpose: 'login' }
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ]) {
        expect((await post(dashboard, action, body, headers)).status).toBe(403)
      }
      const old = await ask(`actions/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
        body: JSON.stringify(body),
      })
      expect([old.status, await old.json()]).toMatchObject([403, { type: 'urn:otpkit:cross-site' }])
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      expect((await post(dashboard, action, 'to=1', form)).status).toBe(415)
      for (const odd of ['{', '[]', 'null', '7']) {
        expect((await post(dashboard, action, odd)).status).toBe(400)
      }
      expect((await post(dashboard, action, { to: 7 })).status).toBe(400)
      expect((await post(dashboard, action, { to: 'x'.repeat(5_000) })).status).toBe(413)
    }
    for (const path of ['', 'data/feed', 'assets/page.css']) {
      expect((await ask(path, { method: 'POST' })).status).toBe(405)
      expect((await ask(path, { method: 'DELETE' })).status).toBe(405)
    }
    expect(await history.events()).toEqual([])
  })

  it('knows no other address', async () => {
    const { ask, dashboard } = openDashboard()
    for (const path of ['data/nothing', 'data/constructor', 'assets/other.js', 'actions/delete']) {
      expect((await ask(path)).status).toBe(404)
    }
    expect((await dashboard(new Request(`${origin}/otp/favicon.ico`))).status).toBe(404)
    expect((await post(dashboard, 'constructor', {})).status).toBe(404)
  })

  it('answers HEAD as GET, without the body', async () => {
    const { ask } = openDashboard()
    const head = await ask('data/funnel', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it('says that a history is down, and that of this process alone', async () => {
    const fault = new Error('connection refused')
    const sound = memoryHistory()
    const down = {
      ...sound,
      counts: () => Promise.reject(fault),
      events: () => Promise.reject(fault),
    }
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { dashboard, ask, otp, sms } = openDashboard(['find'], { history: down })
    for (const name of panels) {
      const answer = await ask(`data/${name}`)
      expect([answer.status, await answer.json()]).toMatchObject([
        503,
        { type: 'urn:otpkit:history-unavailable' },
      ])
    }
    const found = await post(dashboard, 'find', { to: phone, channel: 'sms', purpose: 'login' })
    expect(found.status).toBe(503)
    // Once a minute, and once for the person.
    expect(told).toHaveBeenCalledTimes(2)
    told.mockRestore()
    expect((await ask('')).status).toBe(200)
    expect(await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })).toMatchObject(
      {
        ok: true,
      },
    )
    const verified = { to: phone, purpose: 'login', code: sms.lastCode(), ip: null } as const
    expect(await otp.verify(verified)).toMatchObject({ ok: true })

    const alone = await read(openDashboard().dashboard, 'about')
    expect(alone).toMatchObject({ isThisProcessOnly: true, name: 'ada', can: ['find', 'unlock'] })
    const shared = { ...sound, isShared: true }
    expect(await read(openDashboard([], { history: shared }).dashboard, 'about')).toMatchObject({
      isThisProcessOnly: false,
      can: [],
    })
  })

  it('tells of a database that is down though the history is down too', async () => {
    const fault = new Error('connection refused')
    const down = { ...memoryHistory(), counts: () => Promise.reject(fault) }
    const { otp } = openDashboard()
    const broken = {
      channels: otp.channels,
      purposes: otp.purposes,
      recipient: () => Promise.reject(new OtpError('store_unavailable', 'down', { cause: fault })),
      explain: otp.explain.bind(otp),
      unlock: otp.unlock.bind(otp),
    }
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { dashboard, ask } = openDashboard(['unlock'], { history: down, otp: broken })
    for (const _again of [1, 2]) {
      expect((await ask('data/funnel')).status).toBe(503)
      expect((await post(dashboard, 'unlock', { to: phone })).status).toBe(503)
    }
    expect(told.mock.calls.map(([, what]) => what)).toEqual([
      'the history cannot be read:',
      'store_unavailable',
    ])
    told.mockRestore()
  })

  it('links to the page of the console that was named last', async () => {
    const { dashboard, history, clock } = openDashboard()
    const failed = { type: 'delivery_failed', channel: 'sms', provider: 'acme', providerCode: '7' }
    for (const page of ['old', 'new']) {
      clock.advance(1_000)
      const consolePage = `https://console.acme.example/${page}`
      const event = { ...failed, kind: 'misconfigured', at: clock.now(), consolePage }
      history.record(event)
    }
    expect(await read<Failures>(dashboard, 'failures')).toMatchObject({
      rows: [{ count: 2, consolePage: 'https://console.acme.example/new' }],
    })
  })
})
