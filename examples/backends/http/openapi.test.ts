import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openApiProblems } from '../testing/openapi-problems'
import { openApi } from './openapi'
import type { About, Route } from './route'

const info = {
  title: 'Things',
  version: '1.2.3',
  description: 'What there is.',
  signIn: 'POST /login answers with a token.',
  refusal: z.object({ detail: z.string() }),
}

const refusalSchema = {
  type: 'object',
  properties: { detail: { type: 'string' } },
  required: ['detail'],
  additionalProperties: false,
}

const done = { 200: { means: 'Done' } }
const route = (
  method: Route['method'],
  path: string,
  about: Partial<About> = {},
  upload?: Route['upload'],
): Route => ({
  method,
  path,
  ...(upload && { upload }),
  about: { summary: 'Does it', tag: 'Things', answers: done, ...about },
  handle: async () => ({ status: 200 }),
})

const described = (...routes: readonly Route[]) => {
  const document = openApi(routes, info)
  expect(openApiProblems(document)).toEqual([])
  return document
}

describe('the OpenAPI document', () => {
  it('says what the API is, and where a token comes from', () => {
    expect(described()).toEqual({
      openapi: '3.1.0',
      info: {
        title: 'Things',
        version: '1.2.3',
        description: expect.stringMatching(/^What there is\. .* 413 .* 415 .* 500 .* 503 /),
      },
      servers: [{ url: '/', description: 'This machine' }],
      tags: [],
      paths: {},
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: info.signIn },
        },
      },
    })
  })

  it('describes what is called, by whom, and what it answers', () => {
    const about = {
      summary: 'Change a thing',
      tag: 'Changes',
      signedIn: true,
      body: z.object({ name: z.string().trim().min(1).max(80) }),
      answers: {
        200: { means: 'Changed', body: z.object({ id: z.string() }) },
        404: { means: 'No such thing' },
      },
    }
    const document = described(route('PATCH', '/shelves/:shelf/things/:id', about))
    expect(document.tags).toEqual([{ name: 'Changes' }])
    expect(document.paths['/shelves/{shelf}/things/{id}']).toEqual({
      patch: {
        operationId: 'patchShelvesByShelfThingsById',
        summary: 'Change a thing',
        tags: ['Changes'],
        security: [{ bearer: [] }],
        parameters: [
          { name: 'shelf', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: { name: { type: 'string', minLength: 1, maxLength: 80 } },
                required: ['name'],
              },
            },
          },
        },
        responses: {
          200: {
            description: 'Changed',
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: { id: { type: 'string' } },
                  required: ['id'],
                  additionalProperties: false,
                },
              },
            },
          },
          400: {
            description: 'Something is wrong with the request: `errors` says with which field',
            content: { 'application/json': { schema: refusalSchema } },
          },
          401: { description: 'Not signed in' },
          403: { description: 'Not for whoever is signed in' },
          404: { description: 'No such thing' },
        },
      },
    })
  })

  it('follows the schemas, with what is typed and not what becomes of it', () => {
    const schemaOf = (body: z.ZodType) => described(route('POST', '/', { body })).paths['/']
    const length = z.object({
      cm: z
        .string()
        .regex(/^[0-9]+$/)
        .transform(Number),
    })
    expect(schemaOf(length)).toMatchObject({
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: { properties: { cm: { type: 'string', pattern: '^[0-9]+$' } } },
            },
          },
        },
      },
    })
    expect(schemaOf(length)).not.toEqual(schemaOf(length.extend({ inches: z.string() })))
    expect(schemaOf(length)).not.toEqual(schemaOf(length.partial()))
  })

  it('lists the fields of a query, and which of them are needed', () => {
    const query = z.object({ search: z.string(), limit: z.coerce.number().max(100).default(50) })
    expect(described(route('GET', '/things', { query })).paths['/things']).toMatchObject({
      get: {
        parameters: [
          { name: 'search', in: 'query', required: true, schema: { type: 'string' } },
          {
            name: 'limit',
            in: 'query',
            required: false,
            schema: { type: 'number', maximum: 100, default: 50 },
          },
        ],
      },
    })
  })

  it('takes an upload as bytes, in each of its types', () => {
    const upload = { types: ['application/pdf', 'image/png'], mostBytes: 5_000_000 }
    const binary = { schema: { type: 'string', format: 'binary' } }
    expect(described(route('POST', '/files', {}, upload)).paths['/files']).toMatchObject({
      post: {
        requestBody: {
          required: true,
          content: { 'application/pdf': binary, 'image/png': binary },
        },
      },
    })
  })

  it('keeps the methods of a path together, and leaves out what is not about the API', () => {
    const { paths } = described(
      route('GET', '/things'),
      { method: 'GET', path: '/page', handle: async () => ({ status: 200 }) },
      route('POST', '/things'),
    )
    expect(Object.keys(paths)).toEqual(['/things'])
    expect(Object.keys(paths['/things'] ?? {})).toEqual(['get', 'post'])
  })

  it('has examples of what stands in a path, and no bounds that only say what JSON can hold', () => {
    const body = z.object({ life: z.int(), age: z.int().min(0).max(150) })
    const document = openApi([route('PUT', '/things/:id', { body })], {
      ...info,
      pathExamples: { id: '7' },
    })
    expect(openApiProblems(document)).toEqual([])
    expect(document.paths['/things/{id}']).toMatchObject({
      put: { parameters: [{ example: '7' }] },
    })
    const text = JSON.stringify(document)
    expect(text).toContain('"life":{"type":"integer"}')
    expect(text).toContain('"minimum":0,"maximum":150')
  })

  it('has room for a schema that JSON Schema cannot express', () => {
    described(route('POST', '/', { body: z.object({ any: z.custom<Date>(), at: z.date() }) }))
  })
})

describe('the check of the document', () => {
  const sound = () =>
    structuredClone(
      openApi(
        [route('GET', '/things/:id', { signedIn: true, query: z.object({ a: z.string() }) })],
        info,
      ),
    )
  const change = (path: string, value: unknown) => {
    const keys = path.split('|')
    const last = keys.pop() ?? ''
    const document = sound()
    const parent = keys.reduce<object>((node, key) => Object(Reflect.get(node, key)), document)
    Reflect.set(parent, last, value)
    return openApiProblems(document)
  }
  const get = 'paths|/things/{id}|get'

  it.each([
    ['openapi', '3.0.3'],
    ['info|title', ''],
    ['servers', []],
    ['tags', []],
    ['components|securitySchemes', {}],
    ['paths', { things: {} }],
    ['paths|/things/:id', {}],
    ['paths|/other/{id}', { get: sound().paths['/things/{id}']?.get }],
    [`${get}|operationId`, 'get things'],
    [`${get}|responses`, { 400: { description: 'Bad' } }],
    [`${get}|responses|299`, {}],
    [`${get}|parameters`, []],
    [`${get}|parameters|0|required`, false],
    [`${get}|parameters|0|name`, 'other'],
    [`${get}|parameters|1|schema`, { type: 'text' }],
    [`${get}|parameters|1|schema`, { properties: { deep: { items: { type: 'text' } } } }],
    [`${get}|parameters|1|schema`, { pattern: '[' }],
    [`${get}|parameters|1|schema`, { anyOf: [{ $ref: '#/nowhere' }] }],
  ])('notices a wrong %s', (path, value) => {
    expect(openApiProblems(sound())).toEqual([])
    expect(change(path, value)).not.toEqual([])
  })
})
