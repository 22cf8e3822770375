// A code is sent, sent again after a while, and typed, pasted or read from the SMS by the browser.
import { explain, mark, whileBusy } from './forms.js'
import { language, say, t } from './page.js'

const cooldownSeconds = 30

/**
 * @param {{ form: HTMLFormElement, panel?: HTMLElement, send: () => Promise<any>, sent: () => string }} step
 *   `form` has a field `otp` and a button `resend`; `panel` is what is shown and hidden, if it is
 *   not the form; `sent` says where the code went.
 */
export function codeStep({ form, panel = form, send, sent }) {
  const { otp, resend } = form.elements
  const hint = panel.querySelector('.hint')
  let reading = new AbortController()
  let timer

  function coolDown(seconds) {
    clearInterval(timer)
    const until = Date.now() + seconds * 1000
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000)
      // Not `disabled`, which would drop the focus.
      resend.setAttribute('aria-disabled', String(left > 0))
      resend.textContent =
        left > 0 ? t('Send again in {time}', { time: clock(left) }) : t('Send the code again')
      if (left <= 0) clearInterval(timer)
    }
    timer = setInterval(tick, 500)
    tick()
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

  /** Sends the code. `from` is the form that asked for it, which shows what is refused. */
  async function start(from = form, names = {}) {
    const answer = await send()
    if (!answer.ok) {
      if (answer.retryAfter > 0) coolDown(answer.retryAfter)
      explain(from, answer, names)
      return false
    }
    coolDown(cooldownSeconds)
    otp.value = ''
    mark(otp, '')
    const code = answer.data?.otp
    hint.textContent = code
      ? t('Development: no message was sent. The code is {code}.', { code })
      : sent()
    // The first time it is read out as the description of the field, which gets the focus.
    if (from === form) say(hint.textContent)
    panel.hidden = false
    otp.focus()
    readSms()
    return true
  }

  function stop() {
    reading.abort()
    panel.hidden = true
  }

  resend.addEventListener('click', () => {
    if (resend.getAttribute('aria-disabled') === 'true') return
    whileBusy(form, start, resend)
  })
  form.addEventListener('submit', () => reading.abort())

  return { start, stop, code: () => otp.value.replace(/[\s\p{Pd}\p{Cf}]/gu, '') }
}

function clock(seconds) {
  const part = (value, digits) =>
    new Intl.NumberFormat(language, { minimumIntegerDigits: digits, useGrouping: false }).format(
      value,
    )
  return `${part(Math.floor(seconds / 60), 1)}:${part(seconds % 60, 2)}`
}
