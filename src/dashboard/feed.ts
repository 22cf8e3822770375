import type { HistoryEventsQuery } from '../history'
import { namesIn, type Odd } from './read-query'

const mostEvents = 200

/** Which events the feed wants. */
export function readFeedQuery(parameters: URLSearchParams): HistoryEventsQuery | Odd {
  for (const name of namesIn(parameters)) {
    if (!['before', 'limit'].includes(name)) {
      return { field: 'query', detail: 'There is a filter here that is not known.' }
    }
    if (parameters.getAll(name).length > 1 || !/^\d{1,15}$/.test(parameters.get(name) ?? '')) {
      return { field: name, detail: 'This must be one whole number.' }
    }
  }
  const limit = Number(parameters.get('limit') ?? mostEvents)
  if (limit < 1 || limit > mostEvents) {
    return { field: 'limit', detail: `This must be a number from 1 to ${mostEvents}.` }
  }
  const before = parameters.get('before')
  return { limit, ...(before !== null && { before: Number(before) }) }
}
