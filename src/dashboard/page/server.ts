import type { DashboardData, Refusal } from '../data'
import type { FindRequest, Person, Unlocked, UnlockRequest } from '../person-data'

/** Why there is no answer. */
export type Failed =
  | { readonly ok: false; readonly why: 'refused'; readonly refusal: Refusal }
  | { readonly ok: false; readonly why: 'unreachable' }

export type Answered<Value> = { readonly ok: true; readonly value: Value } | Failed

/** A server that takes longer is as good as none. */
const patienceMs = 20_000

const unreachable = { ok: false, why: 'unreachable' } as const

async function ask<Value>(path: string, init: RequestInit): Promise<Answered<Value>> {
  const given = init.signal ?? new AbortController().signal
  try {
    const signal = AbortSignal.any([given, AbortSignal.timeout(patienceMs)])
    const response = await fetch(path, { ...init, signal, redirect: 'error' })
    const type = response.headers.get('content-type') ?? ''
    if (response.ok && type.startsWith('application/json')) {
      return { ok: true, value: await response.json() }
    }
    if (!type.startsWith('application/problem+json')) return unreachable
    return { ok: false, why: 'refused', refusal: await response.json() }
  } catch {
    return unreachable
  }
}

export function read<Name extends keyof DashboardData>(
  name: Name,
  query: string,
  signal: AbortSignal,
): Promise<Answered<DashboardData[Name]>> {
  return ask(`data/${name}?${query}`, { signal })
}

function act<Value>(path: string, body: FindRequest | UnlockRequest): Promise<Answered<Value>> {
  return ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

export const find = (request: FindRequest) => act<Person>('actions/find', request)
export const unlock = (request: UnlockRequest) => act<Unlocked>('actions/unlock', request)
