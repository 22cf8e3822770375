import type { Browser, Page } from 'playwright-core'

export type Scheme = 'light' | 'dark'
export const schemes: readonly Scheme[] = ['light', 'dark']

/** A picture of the README: `docs/images/<name>-light.png` and `-dark.png`. */
export interface Picture {
  readonly name: string
  /** Shows what is pictured in these colours. The page is closed with its context. */
  show(browser: Browser, scheme: Scheme): Promise<Shown>
}

export interface Shown {
  readonly page: Page
  /** The words in it, without what is another at each start: the manifest keeps them. */
  readonly texts: readonly string[]
  /** Ends what was started to show it. */
  close(): Promise<void>
}

/** The words of a page or a program, by lines, with sample values for a code, an address, a wait. */
export function wordsOf(text: string, code: string): string[] {
  return text
    .replaceAll(code, '123456')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'http://localhost:3000')
    .replace(/(?<=with the token )\S+/g, '…')
    .replace(/\b\d:\d\d\b/g, '0:30')
    .replace(/[\u2066-\u2069]/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
