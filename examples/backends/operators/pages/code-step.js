// A code is sent, sent again after a while, and typed, pasted or read from the SMS by the browser.
import { countDown, isCounting } from './countdown.js'
import { explain, isAboutCode, mark, whileBusy } from './forms.js'
import { keep, kept } from './kept.js'
import { inWords, say, t } from './page.js'

const cooldownMs = 30_000
/** From then on a new code is the likelier way out. */
const manyTries = 3

/**
 * @param {{ form: HTMLFormElement, panel?: HTMLElement, send: () => Promise<any>, sent: () => string,
 *   condition?: string }} step
 *   `form` has a field `otp` and a button `resend`; `panel` is what is shown and hidden, if it is
 *   not the form; `sent` says where the code went; `condition` what a code that is shown in
 *   development depends on.
 */
export function codeStep({ form, panel = form, send, sent, condition = '' }) {
  const { otp, resend } = form.elements
  const hint = panel.querySelector('.hint')
  let reading = new AbortController()
  let tries = 0

  function coolDown(until) {
    countDown(resend, until, (time) => t('Send again in {time}', { time }))
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

  function open({ until, isEarly }, text) {
    keep({ code: { until, isEarly } })
    coolDown(until)
    hint.textContent = text
    panel.hidden = false
    otp.focus()
    readSms()
  }

  const early = () => t('No other code was sent just now. If one has come, type it here.')

  /** Sends the code. `from` is the form that asked for it, which shows what is refused. */
  async function start(from = form, names = {}) {
    const answer = await send()
    // A code may have come before: whoever has it needs the field, and not a refusal.
    const isEarly = answer.code === 429 && answer.retryAfter > 0
    if (!answer.ok && !isEarly) {
      explain(from, answer, names)
      return false
    }
    if (!isEarly) {
      otp.value = ''
      mark(otp, '')
      count(0)
    }
    const waitMs = isEarly ? answer.retryAfter * 1000 : cooldownMs
    open({ until: Date.now() + waitMs, isEarly }, isEarly ? early() : wordsFor(answer.data))
    // The first time it is read out as the description of the field, which gets the focus.
    if (from === form) say(hint.textContent)
    return true
  }

  /** Only in development does the answer hold the code. */
  function wordsFor(data) {
    const { otp: code, expires_in_seconds: seconds } = data ?? {}
    if (!code) return sent()
    const time = inWords(seconds)
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
    open(code, hint.textContent || (code.isEarly ? early() : sent()))
    return true
  }

  /** Shows why a code was not taken. */
  function refuse(answer) {
    explain(form, answer)
    if (!isAboutCode(answer)) return
    count(tries + 1)
    // Where the page shows the code, it would contradict itself.
    if (tries >= manyTries) hint.textContent = t('Send the code again: a new one helps.')
  }

  function stop() {
    reading.abort()
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
  form.addEventListener('submit', () => reading.abort())

  return {
    start,
    resume,
    refuse,
    stop,
    finish,
    code: () => otp.value.replace(/[\s\p{Pd}\p{Cf}]/gu, ''),
  }
}
