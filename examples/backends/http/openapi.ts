import { z } from 'zod'
import type { About, Route, Upload } from './route'

/** What the description says of the API as a whole. */
export interface ApiInfo {
  readonly title: string
  readonly version: string
  readonly description: string
  /** Where a bearer token comes from, for people. */
  readonly signIn: string
}

type JsonSchema = Readonly<Record<string, unknown>>

/** The routes that have an `about`, as an OpenAPI 3.1 document. Its schemas are those of the code. */
export function openApi(routes: readonly Route[], { signIn, ...info }: ApiInfo) {
  const paths = new Map<string, Readonly<Record<string, unknown>>>()
  const tags = new Set<string>()
  for (const route of routes) {
    if (route.about === undefined) continue
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    const method = route.method.toLowerCase()
    paths.set(path, { ...paths.get(path), [method]: operation(route, route.about) })
    tags.add(route.about.tag)
  }
  return {
    openapi: '3.1.0',
    info,
    // Wherever the document was fetched: the page never calls another origin.
    servers: [{ url: '/' }],
    tags: Array.from(tags, (name) => ({ name })),
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: signIn } },
    },
  }
}

function operation(route: Route, about: About) {
  const parameters = [...pathParameters(route.path), ...queryParameters(about.query)]
  const requestBody = requestBodyOf(route.upload, about.body)
  return {
    operationId: operationId(route),
    summary: about.summary,
    tags: [about.tag],
    ...(about.signedIn === true && { security: [{ bearer: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody !== undefined && { requestBody }),
    responses: Object.fromEntries(
      Object.entries(about.answers).map(([status, { means, body }]) => [
        status,
        { description: means, ...(body !== undefined && { content: json(body, 'output') }) },
      ]),
    ),
  }
}

/** `getOperatorsById` for `GET /operators/:id`. */
function operationId({ method, path }: Route): string {
  const words = path.replaceAll(':', 'by-').match(/[A-Za-z0-9]+/g) ?? []
  const capitalised = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return method.toLowerCase() + capitalised.join('')
}

function pathParameters(path: string) {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
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
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
