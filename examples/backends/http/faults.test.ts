import { OtpError } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { echoSite } from '../testing/echo-site'
import { frameworks, startSite } from '../testing/start-site'
import type { Reply } from './route'

const later = { detail: 'Try again later' }

describe.each(frameworks)('a fault on %s', (_name, framework) => {
  async function faultOf(handle: () => Promise<Reply>, body = '{}') {
    const { site, routes, route, logged } = echoSite()
    routes.push(route('POST', '/faults/:id', handle))
    const { post } = await startSite(framework, site)
    const answer = await post('/faults/secret-1?search=secret-2', body)
    return { answer, logged, errors: logged.filter(({ level }) => level === 'error') }
  }
  const rejecting = (error: unknown) => () => Promise.reject(error)

  it('is answered without details', async () => {
    const { answer } = await faultOf(rejecting(new Error('password of the database')))
    expect([answer.status, answer.body]).toEqual([500, later])
  })

  it('of the codes is answered as one that passes', async () => {
    const error = new OtpError('store_unavailable', 'The store failed', {
      cause: new Error('refused'),
    })
    const { answer, errors } = await faultOf(rejecting(error))
    expect([answer.status, answer.body]).toEqual([503, later])
    expect(errors).toMatchObject([
      { fault: { name: 'OtpError', code: 'store_unavailable', cause: { message: 'refused' } } },
    ])
  })

  it('is logged with where and why, and without personal data', async () => {
    const cause = Object.assign(new Error('Key (phone)=(+91 98765 43210) exists'), {
      code: '23505',
    })
    const error = new Error('no mail to asha@example.com or 00989121234567', { cause })
    const { errors } = await faultOf(rejecting(error))
    expect(errors).toMatchObject([
      {
        level: 'error',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        route: '/faults/:id',
        fault: {
          name: 'Error',
          message: 'no mail to [address] or [number]',
          at: expect.arrayContaining([expect.stringContaining('faults.test.ts')]),
          cause: { code: '23505', message: expect.stringContaining('[number]') },
        },
      },
    ])
    expect(JSON.stringify(errors)).not.toMatch(/asha|example\.com|98765|43210|9121234567/)
  })

  it('that is no error is logged by its kind alone', async () => {
    const { answer, errors } = await faultOf(rejecting('code 493021 of asha@example.com'))
    expect(answer.status).toBe(500)
    expect(errors).toMatchObject([{ fault: { name: 'string' } }])
    expect(JSON.stringify(errors)).not.toMatch(/493021|asha/)
  })

  it('that is its own cause ends', async () => {
    const error = new Error('round')
    error.cause = error
    const { answer } = await faultOf(rejecting(error))
    expect(answer.status).toBe(500)
  })

  it('before the first promise is one like any other', async () => {
    const { answer, errors } = await faultOf(() => {
      throw new Error('at once')
    })
    expect([answer.status, answer.body]).toEqual([500, later])
    expect(errors).toMatchObject([{ fault: { message: 'at once' } }])
  })

  it('in what a route answers is one like any other', async () => {
    const { answer, errors } = await faultOf(async () => ({ status: 200, json: { big: 1n } }))
    expect([answer.status, answer.body]).toEqual([500, later])
    expect(errors).toMatchObject([{ fault: { name: 'TypeError' } }])
  })

  it('leaves the next request alone', async () => {
    const { site, routes, route } = echoSite()
    routes.push(route('GET', '/fault', rejecting(new Error('planted'))))
    const { get } = await startSite(framework, site)
    expect((await get('/fault')).status).toBe(500)
    expect((await get('/things')).status).toBe(200)
  })
})

describe.each(frameworks)('a fault of the dashboard or of receipts on %s', (_name, framework) => {
  it.each(['/admin/otp/data/feed', '/admin/otp', '/hooks/acme'])(
    'is answered and logged like any other: %s',
    async (path) => {
      const { site, logged } = echoSite()
      const fault = new Error('Key (phone)=(+91 98765 43210) exists')
      const fail = () => Promise.reject(fault)
      const { get } = await startSite(framework, { ...site, dashboard: fail, receipts: fail })
      const answer = await get(path)
      expect([answer.status, answer.body]).toEqual([500, later])
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
      expect(logged).toEqual([
        {
          level: 'error',
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          fault: expect.objectContaining({ message: 'Key (phone)=([number]) exists' }),
        },
      ])
    },
  )
})

describe.each(frameworks)('the log of requests on %s', (_name, framework) => {
  it('names the route, and nothing that somebody typed', async () => {
    const { site, calls, logged } = echoSite()
    const { request } = await startSite(framework, site)
    const headers = { Authorization: 'Bearer typed', Cookie: 'typed=typed', 'User-Agent': 'typed' }
    await request('PATCH', '/things/typed?search=typed', { name: 'typed' }, headers)
    expect(logged).toEqual([
      {
        level: 'info',
        requestId: calls[0]?.requestId,
        method: 'PATCH',
        route: '/things/:id',
        status: 200,
        durationMs: expect.any(Number),
      },
    ])
  })

  it('has one line for a request that failed, beside its fault', async () => {
    const { site, routes, route, logged } = echoSite()
    routes.push(route('GET', '/fault', () => Promise.reject(new Error('planted'))))
    const { get } = await startSite(framework, site)
    await get('/fault')
    const [fault, line, ...more] = logged
    expect(fault).toMatchObject({ level: 'error', route: '/fault' })
    expect(line).toMatchObject({ level: 'info', route: '/fault', status: 500 })
    expect(line?.requestId).toBe(fault?.requestId)
    expect(more).toEqual([])
  })
})
