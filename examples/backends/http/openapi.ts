import { z } from 'zod'
import type { About, Route, Upload } from './route'

/** What the description says of the API as a whole. */
export interface ApiInfo {
  readonly title: string
  readonly version: string
  readonly description: string
  /** Where a bearer token comes from, for people. */
  readonly signIn: string
  /** What every refusal looks like. It is shown where fields are wrong. */
  readonly refusal: z.ZodType
  /** What may stand in a path, by the name of the parameter. */
  readonly pathExamples?: Readonly<Record<string, string>>
}

type JsonSchema = Readonly<Record<string, unknown>>

/** The routes that have an `about`, as an OpenAPI 3.1 document. Its schemas are those of the code. */
export function openApi(routes: readonly Route[], about: ApiInfo) {
  const { signIn, refusal, pathExamples = {}, ...info } = about
  const paths = new Map<string, Readonly<Record<string, unknown>>>()
  const tags = new Set<string>()
  for (const route of routes) {
    if (route.about === undefined) continue
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    const method = route.method.toLowerCase()
    paths.set(path, {
      ...paths.get(path),
      [method]: operation(route, route.about, { refusal, pathExamples }),
    })
    tags.add(route.about.tag)
  }
  return {
    openapi: '3.1.0',
    info: { ...info, description: `${info.description} ${everywhere}` },
    // Wherever the document was fetched: the page never calls another origin.
    servers: [{ url: '/', description: 'This machine' }],
    tags: Array.from(tags, (name) => ({ name })),
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: signIn } },
    },
  }
}

const everywhere =
  'Beside what is listed with it, any call may be answered with 413 or 415 (a body that is too large, ' +
  'or no JSON), with 500 (a fault, which the log tells) or with 503 (what keeps the codes cannot be reached).'

type Common = Required<Pick<ApiInfo, 'refusal' | 'pathExamples'>>

function operation(route: Route, about: About, { refusal, pathExamples }: Common) {
  const parameters = [...pathParameters(route.path, pathExamples), ...queryParameters(about.query)]
  const requestBody = requestBodyOf(route.upload, about.body)
  return {
    operationId: operationId(route),
    summary: about.summary,
    tags: [about.tag],
    ...(about.signedIn === true && { security: [{ bearer: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody !== undefined && { requestBody }),
    responses: Object.fromEntries(
      Object.entries({ ...refusalsOf(route, about), ...about.answers }).map(
        ([status, { means, body = status === '400' ? refusal : undefined }]) => [
          status,
          { description: means, ...(body !== undefined && { content: json(body, 'output') }) },
        ],
      ),
    ),
  }
}

/** What any route of this kind may answer, unless it says it better itself. */
function refusalsOf({ path, upload }: Route, { body, query, signedIn }: About): About['answers'] {
  const isRead = body !== undefined || upload !== undefined || query !== undefined
  return {
    ...(isRead && {
      400: { means: 'Something is wrong with the request: `errors` says with which field' },
    }),
    ...(signedIn === true && {
      401: { means: 'Not signed in' },
      403: { means: 'Not for whoever is signed in' },
    }),
    ...(path.includes('/:') && { 404: { means: 'There is no such thing' } }),
  }
}

/** `getOperatorsById` for `GET /operators/:id`. */
function operationId({ method, path }: Route): string {
  const words = path.replaceAll(':', 'by-').match(/[A-Za-z0-9]+/g) ?? []
  const capitalised = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return method.toLowerCase() + capitalised.join('')
}

function pathParameters(path: string, examples: Common['pathExamples']) {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    ...(name in examples && { example: examples[name] }),
  }))
}

function queryParameters(query: z.ZodType | undefined) {
  if (query === undefined) return []
  const { properties, required } = jsonSchema(query, 'input')
  return Object.entries(Object(properties)).map(([name, schema]) => ({
    name,
    in: 'query',
    required: Array.isArray(required) && required.includes(name),
    schema,
  }))
}

function requestBodyOf(upload: Upload | undefined, body: z.ZodType | undefined) {
  if (upload !== undefined) {
    const binary = { schema: { type: 'string', format: 'binary' } }
    return {
      required: true,
      content: Object.fromEntries(upload.types.map((type) => [type, binary])),
    }
  }
  return body === undefined ? undefined : { required: true, content: json(body, 'input') }
}

function json(schema: z.ZodType, io: 'input' | 'output') {
  return { 'application/json': { schema: jsonSchema(schema, io) } }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // OpenAPI 3.1 names the dialect once for the whole document.
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: shown }) => {
      // That numbers of JSON are exact so far is nothing that anybody would send.
      if (shown.minimum === Number.MIN_SAFE_INTEGER) delete shown.minimum
      if (shown.maximum === Number.MAX_SAFE_INTEGER) delete shown.maximum
    },
  })
  // Left out of what something in it transforms: they are of what is typed.
  const examples = schema.meta()?.examples
  return { ...rest, ...(examples !== undefined && { examples }) }
}
