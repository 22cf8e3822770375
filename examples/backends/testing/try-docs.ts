// For tests: every operation of a description, called as Swagger UI fills it in.
import { z } from 'zod'
import type { Client } from './start-site'

const jsonSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  examples: z.array(z.json()).optional(),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
  default: z.json().optional(),
  get properties() {
    return z.record(z.string(), jsonSchema).optional()
  },
  get oneOf() {
    return z.array(jsonSchema).optional()
  },
})
type JsonSchema = z.infer<typeof jsonSchema>

const content = z.record(z.string(), z.object({ schema: jsonSchema }))
const document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        parameters: z
          .array(
            z.object({
              name: z.string(),
              in: z.string(),
              required: z.boolean(),
              schema: jsonSchema,
              example: z.string().optional(),
            }),
          )
          .default([]),
        requestBody: z.object({ content }).optional(),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
})

/**
 * Calls each operation, in the order of the description, and says how it went: `POST /things 201`.
 * An answer that the description does not have is marked.
 */
export async function tryEverything(
  { get, request }: Pick<Client, 'get' | 'request'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { paths } = document.parse((await get('/openapi.json')).body)
  const went: string[] = []
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { parameters, requestBody, responses }] of Object.entries(operations)) {
      const query = new URLSearchParams()
      let filled = path
      for (const { name, in: place, required, schema, example } of parameters) {
        const value = String(example ?? exampleOf(schema))
        if (place === 'path') filled = filled.replace(`{${name}}`, value)
        else if (required) query.set(name, value)
      }
      const [type] = Object.keys(requestBody?.content ?? {})
      const schema = requestBody?.content['application/json']?.schema
      const body = schema === undefined ? undefined : exampleOf(schema)
      const sent = type === undefined || schema !== undefined ? body : Buffer.from('file')
      const { status } = await request(method.toUpperCase(), `${filled}?${query}`, sent, {
        ...headers,
        ...(type !== undefined && { 'Content-Type': type }),
      })
      const mark = String(status) in responses ? '' : ' undocumented'
      went.push(`${method.toUpperCase()} ${path} ${status}${mark}`)
    }
  }
  return went
}

/** What Swagger UI fills in. */
function exampleOf(schema: JsonSchema): unknown {
  const { examples, default: usual, enum: values, properties, oneOf } = schema
  if (examples?.[0] !== undefined) return examples[0]
  if (schema.const !== undefined) return schema.const
  if (usual !== undefined) return usual
  if (values?.[0] !== undefined) return values[0]
  if (oneOf?.[0] !== undefined) return exampleOf(oneOf[0])
  if (properties !== undefined) {
    return Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, exampleOf(property)]),
    )
  }
  return schema.type === 'integer' || schema.type === 'number' ? 0 : 'string'
}
