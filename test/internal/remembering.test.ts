import { describe, expect, it } from 'vitest'
import { remembering } from '../../src/internal/remembering'

describe('remembering', () => {
  const counted = (most: number) => {
    const asked: string[] = []
    const length = remembering(most, (text) => {
      asked.push(text)
      return text.length
    })
    return { length, asked }
  }

  it('works once for a text that comes again', () => {
    const { length, asked } = counted(2)
    expect([length('a'), length('bb'), length('a'), length('bb')]).toEqual([1, 2, 1, 2])
    expect(asked).toEqual(['a', 'bb'])
  })

  it('remembers no more than so many', () => {
    const { length, asked } = counted(2)
    expect(['a', 'bb', 'ccc', 'a', 'ccc'].map(length)).toEqual([1, 2, 3, 1, 3])
    expect(asked).toEqual(['a', 'bb', 'ccc', 'a'])
  })
})
