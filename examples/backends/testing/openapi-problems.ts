// For tests: what is wrong with the structure of an OpenAPI 3.1 document, as far as ours goes.
import { z } from 'zod'

const text = z.string().min(1)
const isPattern = (pattern: string) => {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}
const types = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'] as const

/** A schema stands by itself: `$ref` would need components that the document does not have. */
const jsonSchema = z.looseObject({
  $ref: z.never().optional(),
  $schema: z.never().optional(),
  type: z.union([z.enum(types), z.array(z.enum(types)).min(1)]).optional(),
  enum: z.array(z.json()).min(1).optional(),
  pattern: z.string().refine(isPattern).optional(),
  required: z.array(text).optional(),
  get properties() {
    return z.record(z.string(), jsonSchema).optional()
  },
  get items() {
    return jsonSchema.optional()
  },
  get oneOf() {
    return z.array(jsonSchema).min(1).optional()
  },
  get anyOf() {
    return z.array(jsonSchema).min(1).optional()
  },
  get allOf() {
    return z.array(jsonSchema).min(1).optional()
  },
})

const content = z.record(
  z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/),
  z.strictObject({ schema: jsonSchema }),
)

const operation = z.strictObject({
  operationId: z.string().regex(/^[a-z]+[A-Za-z0-9]*$/),
  summary: text,
  tags: z.array(text).length(1),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z
    .array(
      z.strictObject({
        name: text,
        in: z.enum(['path', 'query']),
        required: z.boolean(),
        schema: jsonSchema,
        example: text.optional(),
      }),
    )
    .optional(),
  requestBody: z.strictObject({ required: z.literal(true), content }).optional(),
  responses: z
    .record(
      z.string().regex(/^[1-5][0-9]{2}$/),
      z.strictObject({ description: text, content: content.optional() }),
    )
    .refine((responses) => Object.keys(responses).some((status) => status < '400')),
})

const openApiDocument = z.strictObject({
  openapi: z.string().regex(/^3\.1\.[0-9]+$/),
  info: z.strictObject({ title: text, version: text, description: text }),
  servers: z.array(z.strictObject({ url: text, description: text.optional() })).length(1),
  tags: z.array(z.strictObject({ name: text })),
  paths: z.record(
    z.string().regex(/^\/[^:?#]*$/),
    z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), operation),
  ),
  components: z.strictObject({
    securitySchemes: z.record(
      text,
      z.strictObject({ type: z.literal('http'), scheme: z.literal('bearer'), description: text }),
    ),
  }),
})

/** Every problem with its place, and what belongs together and does not match. */
export function openApiProblems(input: unknown): readonly string[] {
  const parsed = openApiDocument.safeParse(input)
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => `${path.join(' ')}: ${message}`)
  }
  const { paths, tags, components } = parsed.data
  const problems: string[] = []
  const ids = new Set<string>()
  for (const [path, operations] of Object.entries(paths)) {
    const inPath = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name).join()
    for (const [method, { operationId, ...operation }] of Object.entries(operations)) {
      const complain = (what: string) => problems.push(`${method} ${path}: ${what}`)
      const { parameters = [], security = [] } = operation
      const described = parameters.filter((parameter) => parameter.in === 'path')
      if (described.map(({ name }) => name).join() !== inPath) complain('path parameters')
      if (described.some(({ required }) => !required)) complain('an optional path parameter')
      if (ids.has(operationId)) complain('operationId is taken')
      ids.add(operationId)
      if (!operation.tags.every((tag) => tags.some(({ name }) => name === tag))) complain('tag')
      const schemes = security.flatMap((requirement) => Object.keys(requirement))
      if (!schemes.every((name) => name in components.securitySchemes)) complain('security')
    }
  }
  return problems
}
