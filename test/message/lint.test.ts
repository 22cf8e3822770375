import { describe, expect, it } from 'vitest'
import { lintTemplates } from '../../src/message/lint'

describe('lintTemplates', () => {
  it('finds nothing in what is built in', () => {
    expect(lintTemplates({ appName: 'Twenty Letters Intl.' })).toEqual([])
    expect(lintTemplates({ appName: 'Twenty Letters Intl.' }, { codeLength: 8 })).toEqual([])
    expect(lintTemplates({ appName: 'Twenty Letters Intl.', webOtp: 'example.com' })).toEqual([])
  })

  it('finds texts that spill over one segment, by locale and purpose', () => {
    const templates = {
      hi: { purposes: { login: { text: `${'अ'.repeat(65)} {code}` } } },
      en: { text: `Don’t share {code}. ${'a'.repeat(60)}` },
    }
    expect(lintTemplates({ appName: 'Acme', templates })).toEqual([
      { where: 'sms in en', problem: 'takes 2 segments: 80 units of UCS-2' },
      { where: 'sms in en for login', problem: 'takes 2 segments: 80 units of UCS-2' },
      { where: 'sms in hi for login', problem: 'takes 2 segments: 72 units of UCS-2' },
    ])
  })

  it('counts the autofill line, and longer codes', () => {
    const templates = { en: { text: `{code} ${'a'.repeat(130)}` } }
    const options = { appName: 'Acme', templates, webOtp: 'example.com' }
    expect(lintTemplates({ appName: 'Acme', templates })).toEqual([])
    expect(lintTemplates(options, { locales: ['en'] })).toHaveLength(0)
    expect(lintTemplates(options, { locales: ['en'], codeLength: 8 })).toHaveLength(1)
  })

  it('looks at the locales in use', () => {
    const options = { appName: 'A name of twenty-five char' }
    expect(lintTemplates(options, { locales: ['en', 'de'] })).toEqual([])
    expect(lintTemplates(options).map(({ where }) => where)).toContain('sms in hi')
  })

  it('finds wrong options, all of them, without throwing', () => {
    const templates = { en: { text: 'Welcome', subject: '{name}' } }
    expect(lintTemplates({ appName: '', templates, webOtp: 'https://example.com' })).toEqual([
      { where: 'appName', problem: 'must have 1 to 64 characters' },
      { where: 'messages.templates.en.text', problem: 'must hold {code}' },
      {
        where: 'messages.templates.en.subject',
        problem: 'must hold no braces but {code}, {appName} and {minutes}',
      },
      {
        where: 'messages.webOtp',
        problem: 'must be a lower-case host name such as example.com',
      },
    ])
  })

  it('finds texts that SMS Retriever would not read', () => {
    const templates = { en: { text: `{code} ${'a'.repeat(130)}` } }
    const options = { appName: 'Acme', templates, androidHash: 'FA+9qCX9VSu' }
    expect(lintTemplates(options)).toEqual([
      { where: 'sms in en', problem: 'takes more than the 140 bytes of SMS Retriever' },
    ])
  })
})
