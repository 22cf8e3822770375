import { escapeHtml } from '../../http/escape-html'
import type { Lost } from '../../http/not-found'
import type { Call, Reply, Route } from '../../http/route'
import type { Channel, OtpParts } from '../otp'
import { assetRoutes, importsOf, readPageFile } from './assets'
import { servedCountries } from './countries'
import { type Language, languageOf, languages, preferredLanguage } from './language'
import { dataBlock, render, type Texts } from './render'

/** What the pages show of the backend. */
export interface PageParts {
  /** Who is signed in to an account, by the cookie. */
  accountOf(call: Call): Promise<{ readonly company_name: string } | undefined>
  isAdmin(call: Call): Promise<boolean>
  readonly countries: OtpParts['countries']
  /** Those that are configured. */
  readonly channels: readonly Channel[]
  /** Codes are shown, and nothing is sent. */
  readonly isDevelopment: boolean
}

interface Page {
  readonly path: string
  readonly template: string
  readonly script: string
  readonly title: string
  /** Where those go who are signed in, and have nothing to do here. */
  readonly onwards?: string
}

const site = 'Bus operators'

export const pages: readonly Page[] = [
  { path: '/', template: 'index.html', script: 'page.js', title: site },
  {
    path: '/operator/register',
    template: 'register.html',
    script: 'register.js',
    title: 'Register your bus company',
  },
  {
    path: '/operator/login',
    template: 'login.html',
    script: 'login.js',
    title: 'Log in',
    onwards: '/operator',
  },
  { path: '/operator', template: 'account.html', script: 'account.js', title: 'Your account' },
  { path: '/admin', template: 'admin.html', script: 'admin.js', title: 'Administration' },
]

const lost: Page = {
  path: '',
  template: 'not-found.html',
  script: 'page.js',
  title: 'There is no such page',
}

/** Files that templates consist of, beside their own. */
export const partials = ['welcome.html', 'welcome-back.html', 'ways.html', 'try.html']

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The pages in English, Persian and Arabic, and what they load. Files are read here, once. */
export function pageRoutes(parts: PageParts): readonly Route[] {
  return [...pages.map((page) => pageRoute(page, parts)), ...assetRoutes()]
}

/** The page where there is nothing. Who asks is not looked at. */
export function notFoundPage(parts: PageParts): (asked: Lost) => Reply {
  const show = pageWriter(lost, parts)
  return (asked) => show(asked, {})
}

export function readTexts(language: string): Texts {
  return language === 'en' ? {} : JSON.parse(readPageFile(`texts/${language}.json`))
}

function pageRoute(page: Page, parts: PageParts): Route {
  const show = pageWriter(page, parts)
  return {
    method: 'GET',
    path: page.path,
    handle: async (call) => {
      const account = await parts.accountOf(call)
      if (account !== undefined && page.onwards !== undefined) {
        const chosen = languageOf(queryValue(call, 'lang'))
        const Location = page.onwards + (chosen === undefined ? '' : `?lang=${chosen.tag}`)
        return { status: 302, headers: { Location } }
      }
      return show(call, {
        company: escapeHtml(account?.company_name ?? ''),
        who: account === undefined ? 'nobody' : 'somebody',
        ifNoAdmin: (await parts.isAdmin(call)) ? ' hidden' : '',
      })
    },
  }
}

/** Writes a page in the language that is asked for. */
function pageWriter({ template, script, title }: Page, parts: PageParts) {
  const served = servedCountries(parts.countries)
  const textsOf = new Map(languages.map(({ tag }) => [tag, readTexts(tag)]))
  const forNobody = assemble(template, parts, served.isChoice, false)
  const forSomebody = assemble(template, parts, served.isChoice, true)
  const preloads = [...importsOf(script)]
    .map((name) => `<link rel="modulepreload" href="/assets/${name}">`)
    .join('\n')

  return (asked: Pick<Call, 'query' | 'header'>, values: Readonly<Record<string, string>>) => {
    const chosen = languageOf(queryValue(asked, 'lang'))
    const acceptLanguage = asked.header('accept-language')
    const language = chosen ?? preferredLanguage(acceptLanguage)
    const texts = textsOf.get(language.tag) ?? {}
    const [name, siteName] = [texts[title] ?? title, texts[site] ?? site]
    const content = render(values.company ? forSomebody : forNobody, {
      texts,
      values: {
        title: escapeHtml(title === site ? siteName : `${name} · ${siteName}`),
        script,
        preloads,
        languages: languageLinks(language),
        texts: dataBlock('texts', texts),
        // Links keep a language that was chosen. One that the browser asks for needs no mention.
        query: chosen === undefined ? '' : `?lang=${chosen.tag}`,
        countryOptions: served.options(language, acceptLanguage),
        countryNames: escapeHtml(served.names(language)),
        numberToTry: served.numberToTry,
        ...values,
      },
    })
    const headers = {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
    }
    return { status: 200, headers, content: inDocument(language, content) }
  }
}

/** A template with its parts, and without what is not configured. */
function assemble(
  template: string,
  { channels, isDevelopment }: PageParts,
  hasCountries: boolean,
  isSignedIn: boolean,
): string {
  const showsTry = isDevelopment && !isSignedIn
  return (
    readPageFile('layout.html')
      .replace('{main}', () => readPageFile(template))
      .replace('{welcome}', () => readPageFile(isSignedIn ? 'welcome-back.html' : 'welcome.html'))
      .replace('{try}', () => (showsTry ? readPageFile('try.html') : ''))
      .replace('{ways}', () => readPageFile('ways.html'))
      .replace(/^.* data-way="(\w+)".*\n/gm, (line, way) =>
        channels.some((channel) => channel === way) ? line : '',
      )
      .replace(/^.* data-countries.*\n/gm, (line) => (hasCountries ? line : ''))
      .replace(/^.* data-development.*\n/gm, (line) => (isDevelopment ? line : ''))
      // Until the script has come, which enables them: a form that is sent before it leads nowhere.
      .replaceAll('<button ', '<button disabled ')
  )
}

function inDocument({ tag, direction }: Language, content: string): string {
  return `<!doctype html>\n<html lang="${tag}" dir="${direction}">\n${content}</html>\n`
}

function languageLinks(current: Language): string {
  return languages
    .map(({ tag, name }) => {
      const mark = tag === current.tag ? ' aria-current="true"' : ''
      return `<a href="?lang=${tag}" lang="${tag}" hreflang="${tag}"${mark}>${name}</a>`
    })
    .join('\n')
}

function queryValue({ query }: Pick<Call, 'query'>, name: string): unknown {
  return typeof query === 'object' && query !== null ? Reflect.get(query, name) : undefined
}
