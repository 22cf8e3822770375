// A code is sent, sent again after a while, and typed, pasted or read from the SMS by the browser.
import { countDown, isCounting } from './countdown.js'
import { complain, explain, isAboutCode, mark, whileBusy } from './forms.js'
import { keep, kept } from './kept.js'
import { inWords, say, t } from './page.js'

const cooldownMs = 30_000
/** From then on a new code is the likelier way out. */
const manyTries = 3
const lockedMessage = 'Too many failed attempts. Contact support'

/** How a code comes, as part of a sentence. */
export const wayNames = {
  sms: t('SMS'),
  whatsapp: t('WhatsApp'),
  voice: t('a call'),
  email: t('E-mail'),
}

/**
 * @param {{ form: HTMLFormElement, panel?: HTMLElement, send: () => Promise<any>,
 *   sent: (time: string) => string, locked: string, condition?: string,
 *   way: { current: () => string, choose: (way: string) => void } }} step
 *   `form` has a field `otp` and a button `resend`; `panel` is what is shown and hidden, if it is
 *   not the form; `sent` says where the code went, and for how long it is good; `locked` what helps
 *   where no code does any more; `condition` what a code that is shown in development depends on;
 *   `way` is how the code comes.
 */
export function codeStep({ form, panel = form, send, sent, locked, condition = '', way }) {
  const { otp, resend } = form.elements
  const hint = panel.querySelector('.hint')
  const ways = panel.querySelector('.ways')
  const otherWays = [...ways.querySelectorAll('button')]
  let reading = new AbortController()
  let tries = 0
  let expiring

  function coolDown(until) {
    ways.hidden = true
    const words = (time) => t('Send again in {time}', { time })
    countDown(resend, until, words, offerWays)
  }

  /** Once another message may be sent, it may go another way. */
  function offerWays() {
    for (const each of otherWays) each.hidden = each.dataset.way === way.current()
    const isPhone = way.current() !== 'email'
    ways.hidden = !isPhone || otherWays.every(({ hidden }) => hidden)
  }

  function count(failed) {
    tries = failed
    resend.classList.toggle('main', tries >= manyTries)
  }

  /** Where the browser can: the person allows it, and the code fills itself in. */
  async function readSms() {
    if (!('OTPCredential' in window)) return
    reading.abort()
    reading = new AbortController()
    const { signal } = reading
    try {
      const read = await navigator.credentials.get({ otp: { transport: ['sms'] }, signal })
      otp.value = read.code
      // Unless there is more to fill in.
      if (form.checkValidity()) form.requestSubmit()
    } catch {
      // Not allowed, or no such SMS came: the code is typed.
    }
  }

  function open(code, text) {
    keep({ code })
    coolDown(code.until)
    hint.textContent = text
    panel.hidden = false
    clearTimeout(expiring)
    if (code.expiresAt) expiring = setTimeout(expire, code.expiresAt - Date.now())
    otp.focus()
    readSms()
  }

  function expire() {
    hint.textContent = t('This code is too old by now. Send a new one.')
    resend.classList.add('main')
    if (!panel.hidden) say(hint.textContent)
  }

  const early = () => t('No other code was sent just now. If one has come, type it here.')

  /** Shows what was refused, and where no code helps any more, what does. */
  function explainRefusal(at, answer, names) {
    if (answer.message === lockedMessage) complain(at, locked)
    else explain(at, answer, names)
  }

  /** Sends the code. `from` is the form that asked for it, which shows what is refused. */
  async function start(from = form, names = {}) {
    const answer = await send()
    // A code may have come before: whoever has it needs the field, and not a refusal.
    const isEarly = answer.code === 429 && answer.retryAfter > 0 && answer.message !== lockedMessage
    if (!answer.ok && !isEarly) {
      explainRefusal(from, answer, names)
      return false
    }
    const now = Date.now()
    if (isEarly) {
      open({ until: now + answer.retryAfter * 1000, isEarly }, early())
    } else {
      otp.value = ''
      mark(otp, '')
      complain(form, '')
      count(0)
      const expiresAt = now + answer.data.expires_in_seconds * 1000
      open({ until: now + cooldownMs, expiresAt }, wordsFor(answer.data))
    }
    // The first time it is read out as the description of the field, which gets the focus.
    if (from === form) say(hint.textContent)
    return true
  }

  /** Only in development does the answer hold the code. */
  function wordsFor({ otp: code, expires_in_seconds: seconds }) {
    const time = inWords(seconds)
    if (!code) return sent(time)
    const shown = t('Development: no message was sent. The code is {code}, good for {time}.', {
      code,
      time,
    })
    return condition ? `${shown} ${condition}` : shown
  }

  /** Shows the step again that a reload, or the way back, has left. Says whether there is one. */
  function resume() {
    const { code } = kept()
    if (code === undefined) return false
    // As it was, unless the page is a new one.
    const left = () => sent(inWords((code.expiresAt - Date.now()) / 1000))
    open(code, hint.textContent || (code.isEarly ? early() : left()))
    return true
  }

  /** Shows why a code was not taken. */
  function refuse(answer) {
    explainRefusal(form, answer)
    if (!isAboutCode(answer)) return
    count(tries + 1)
    // Where the page shows the code, it would contradict itself.
    if (tries >= manyTries) hint.textContent = t('Send the code again: a new one helps.')
  }

  function stop() {
    reading.abort()
    clearTimeout(expiring)
    panel.hidden = true
  }

  /** There is nothing left to resume. */
  function finish() {
    stop()
    hint.textContent = ''
    keep({ code: undefined })
  }

  resend.addEventListener('click', () => {
    if (!isCounting(resend)) whileBusy(form, start, resend)
  })
  for (const other of otherWays) {
    other.addEventListener('click', () => {
      way.choose(other.dataset.way)
      whileBusy(form, start, other)
    })
  }
  form.addEventListener('submit', () => reading.abort())

  return { start, resume, refuse, stop, finish, code: () => codeIn(otp.value) }
}

/** The code in what was typed or pasted, which may be the whole message. */
function codeIn(typed) {
  const text = typed.replace(/\p{Cf}/gu, '')
  const groups = text.match(/\p{Nd}(?:[\s\p{Pd}]?\p{Nd}){3,9}/gu) ?? [text]
  const [longest] = groups
    .map((group) => group.replace(/[\s\p{Pd}]/gu, ''))
    .sort((one, other) => other.length - one.length)
  return longest
}
