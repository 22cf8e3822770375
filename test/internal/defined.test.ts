import { describe, expect, expectTypeOf, it } from 'vitest'
import { defined } from '../../src/internal/defined'

describe('defined', () => {
  it('drops members that are undefined, and nothing else', () => {
    const members = { a: undefined, b: null, c: 0, d: '', e: false, f: Number.NaN, g: {} }
    const result = defined(members)
    expect(Object.keys(result)).toEqual(['b', 'c', 'd', 'e', 'f', 'g'])
    expect(result).toStrictEqual({ b: null, c: 0, d: '', e: false, f: Number.NaN, g: {} })
    expect(members).toHaveProperty('a')
  })

  it('copies nothing where nothing is missing', () => {
    const members = { a: null, b: 0 }
    expect(defined(members)).toBe(members)
  })

  it('takes the members of the object itself', () => {
    expect(
      defined(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })),
    ).toEqual({
      own: 2,
    })
  })

  it('types what may be undefined as optional, and the rest as it is', () => {
    interface Result {
      readonly status: 'failed'
      readonly kind?: 'unknown' | 'unavailable'
      readonly count?: number
    }
    const result = (kind: Result['kind'], options: { readonly count?: number }): Result =>
      defined({ status: 'failed', kind, count: options.count })
    expect(result(undefined, { count: 0 })).toStrictEqual({ status: 'failed', count: 0 })

    const typed = defined({ a: 'x', b: 1 as number | undefined })
    expectTypeOf(typed.a).toEqualTypeOf<'x'>()
    expectTypeOf<Required<typeof typed>['b']>().toEqualTypeOf<number>()
    // @ts-expect-error -- a text that may be missing is no required number
    const wrong = (b?: string): { readonly b: number } => defined({ b })
    expect(wrong()).toStrictEqual({})
  })
})
