import { readFileSync } from 'node:fs'
import { escapeHtml } from '../../http/escape-html'
import type { Call, Reply, Route } from '../../http/route'
import { type Language, languageOf, languages, preferredLanguage } from './language'
import { dataBlock, render, type Texts } from './render'

interface Page {
  readonly path: string
  readonly template: string
  readonly script: string
  readonly title: string
}

export const pages: readonly Page[] = [
  { path: '/', template: 'index.html', script: 'page.js', title: 'Bus operators' },
  {
    path: '/operator/register',
    template: 'register.html',
    script: 'register.js',
    title: 'Register your bus company',
  },
  { path: '/operator/login', template: 'login.html', script: 'login.js', title: 'Log in' },
  { path: '/operator', template: 'account.html', script: 'account.js', title: 'Your account' },
  { path: '/admin', template: 'admin.html', script: 'admin.js', title: 'Administration' },
]

export const scripts = [
  'page.js',
  'forms.js',
  'code-step.js',
  'countdown.js',
  'kept.js',
  'register.js',
  'login.js',
  'account.js',
  'documents.js',
  'admin.js',
  'admin-details.js',
] as const

const styleSheets = ['style.css', 'frame.css', 'forms.css', 'lists.css']

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The pages in English, Persian and Arabic, and what they load. Files are read here, once. */
export function pageRoutes(): readonly Route[] {
  return [...pages.map(pageRoute), assetRoute()]
}

/** A file beside this one. */
export function readPageFile(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

export function readTexts(language: string): Texts {
  return language === 'en' ? {} : JSON.parse(readPageFile(`texts/${language}.json`))
}

function pageRoute({ path, template, script, title }: Page): Route {
  const layout = readPageFile('layout.html')
  const page = layout
    .replace('{main}', () => readPageFile(template))
    // Until the script has come, which enables them: a form that is sent before it leads nowhere.
    .replaceAll('<button ', '<button disabled ')
  const textsOf = new Map(languages.map(({ tag }) => [tag, readTexts(tag)]))

  return {
    method: 'GET',
    path,
    handle: async (call) => {
      const chosen = languageOf(queryValue(call, 'lang'))
      const language = chosen ?? preferredLanguage(call.header('accept-language'))
      const texts = textsOf.get(language.tag) ?? {}
      const values = {
        title: escapeHtml(texts[title] ?? title),
        script,
        languages: languageLinks(language),
        texts: dataBlock('texts', texts),
        // Links keep a language that was chosen. One that the browser asks for needs no mention.
        query: chosen === undefined ? '' : `?lang=${chosen.tag}`,
      }
      return {
        status: 200,
        headers: {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': policy,
        },
        content: inDocument(language, render(page, { texts, values })),
      }
    },
  }
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

function queryValue({ query }: Call, name: string): unknown {
  return typeof query === 'object' && query !== null ? Reflect.get(query, name) : undefined
}

function assetRoute(): Route {
  const asset = (name: string, type: string): [string, Reply] => [
    name,
    {
      status: 200,
      headers: { 'Content-Type': `${type}; charset=utf-8` },
      content: readPageFile(name),
    },
  ]
  const assets = new Map([
    ...styleSheets.map((name) => asset(name, 'text/css')),
    ...scripts.map((name) => asset(name, 'text/javascript')),
  ])
  const missing: Reply = {
    status: 404,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    content: 'Not found',
  }
  return {
    method: 'GET',
    path: '/assets/:name',
    handle: async ({ parameters }) => assets.get(parameters.name ?? '') ?? missing,
  }
}
