export { createHandler } from './create-handler'
export type { HandlerOptions } from './handler-options'
export { type OpenApiDocument, openApi } from './open-api'
export {
  type NodeHandler,
  type NodeRequest,
  type NodeResponse,
  toNodeHandler,
} from './to-node-handler'
