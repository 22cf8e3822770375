// Beside `sendOTP` and `verifyOTP`, which document.js has as the document prints them.
const element = (id) => document.getElementById(id)
const phoneStep = element('phone-step')
const challengeStep = element('challenge-step')
const codeStep = element('code-step')
const dashboard = element('dashboard')

const failure = {
  phone: 'شماره موبایل را درست وارد کنید؛ مانند ۰۹۱۲۳۴۵۶۷۸۹.',
  sum: 'این پاسخ درست نبود یا دیر رسید. به پرسش تازه پاسخ دهید.',
  code: 'این کد نادرست است یا دیگر اعتبار ندارد. پس از چند تلاش، فقط کد تازه کار می‌کند.',
  used: 'این کد پیش‌تر به کار رفته است. برای ورود، کد تازه بخواهید.',
  locked: 'تلاش‌های نادرست بیش از حد بود. با پشتیبانی تماس بگیرید.',
  notSent: 'پیامک فرستاده نشد. کمی بعد دوباره تلاش کنید.',
  other: 'انجام نشد. کمی بعد دوباره تلاش کنید.',
  silent: 'سرور پاسخ نمی‌دهد. دوباره تلاش کنید.',
}

const codeWasUsed = 'This code was used already'

/** How long a refusal says to wait. */
function minutesIn({ detail = '' }) {
  const [, minutes] = /(\d+) minutes?$/.exec(detail) ?? []
  return minutes === undefined ? undefined : Number(minutes)
}

/** What the API refused, in the words of this page. */
function wordsFor({ detail = '', errors = [] }) {
  const minutes = minutesIn({ detail })
  if (minutes !== undefined) {
    const count = minutes.toLocaleString('fa-IR')
    return `درخواست‌ها بیش از حد بود. ${count} دقیقه دیگر دوباره تلاش کنید.`
  }
  if (errors.some(({ field }) => field === 'phone_number')) return failure.phone
  if (errors.length > 0 || detail === 'Invalid OTP code') return failure.code
  if (detail.startsWith(codeWasUsed)) return failure.used
  if (detail === 'Failed to send OTP') return failure.notSent
  return detail.startsWith('Too many failed') ? failure.locked : failure.other
}

function show(step, status = '') {
  for (const each of [phoneStep, challengeStep, codeStep, dashboard]) each.hidden = each !== step
  for (const input of step.querySelectorAll('input')) input.removeAttribute('aria-invalid')
  tell('', status)
  step.querySelector('input, h2').focus()
}

/** Tells what went wrong, or how it goes. */
function tell(problem, status = '') {
  element('problem').textContent = problem
  element('status').textContent = status
}

function refuse(input, words) {
  tell(words)
  input.setAttribute('aria-invalid', 'true')
  input.focus()
}

for (const input of document.querySelectorAll('input')) {
  input.addEventListener('input', () => input.removeAttribute('aria-invalid'))
}

/**
 * Runs one action at a time, which the pressed button shows. A server that cannot be reached, or does
 * not answer, is told.
 */
let isBusy = false
function on(target, type, act) {
  target.addEventListener(type, async (event) => {
    event.preventDefault()
    const button = event.submitter ?? target.closest('button') ?? target.querySelector('button')
    if (isBusy || button.getAttribute('aria-disabled') === 'true') return
    isBusy = true
    button.setAttribute('data-waits', '')
    tell('', 'یک لحظه…')
    await inTime(act()).catch((error) => tell(error === silence ? failure.silent : failure.other))
    if (element('status').textContent === 'یک لحظه…') element('status').textContent = ''
    button.removeAttribute('data-waits')
    isBusy = false
  })
}

const answerMs = 15_000
const silence = new Error('no answer')

/** Waits for it as long as a person does. The document's functions cannot be broken off. */
function inTime(acting) {
  let timer
  const tooLate = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(silence), answerMs)
  })
  return Promise.race([acting, tooLate]).finally(() => clearTimeout(timer))
}

const resend = element('resend')
const resendLabel = resend.textContent
let counting

/** Counts down in the button until a message may be asked for again. */
function coolDown(until) {
  clearInterval(counting)
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000)
    // Not `disabled`, which would drop the focus.
    resend.setAttribute('aria-disabled', String(left > 0))
    resend.textContent = left > 0 ? `ارسال دوباره تا ${clock(left)} دیگر` : resendLabel
    if (left <= 0) clearInterval(counting)
  }
  counting = setInterval(tick, 500)
  tick()
}

function clock(seconds) {
  const part = (value, minimumIntegerDigits) =>
    value.toLocaleString('fa-IR', { minimumIntegerDigits, useGrouping: false })
  return `${part(Math.floor(seconds / 60), 1)}:${part(seconds % 60, 2)}`
}

/** The least time between two messages, whatever the server would allow. */
const leastSeconds = 30
const place = 'code step'

/** Shows the code's field, also after a reload: the number is kept in this tab, and never the code. */
function askCode({ phone, until, isEarly }, status = '') {
  sessionStorage.setItem(place, JSON.stringify({ phone, until, isEarly }))
  element('phone').value = phone
  element('sent-phone').textContent = phone
  element('sent-to').hidden = isEarly
  coolDown(until)
  show(codeStep, status)
}

const forgetStep = () => sessionStorage.removeItem(place)

async function send(challenge) {
  const phone = element('phone').value
  const answer = await (challenge === undefined ? sendOTP(phone) : sendAnswer(phone, challenge))
  if (answer.expires_in !== undefined) {
    element('code').value = ''
    const seconds = Math.max(answer.resend_in, leastSeconds)
    const time = new Date().toLocaleTimeString('fa-IR', { timeStyle: 'short' })
    const until = Date.now() + seconds * 1000
    // With the time, so that a second one is seen and read out too.
    return askCode({ phone, until, isEarly: false }, `کد ساعت ${time} فرستاده شد.`)
  }
  if (answer.challenge !== undefined) return askSum(answer.challenge, challenge !== undefined)
  const minutes = minutesIn(answer)
  if (minutes === undefined) {
    return phoneStep.hidden ? tell(wordsFor(answer)) : refuse(element('phone'), wordsFor(answer))
  }
  // A code may have come before: whoever has it needs the field, and not a refusal.
  askCode({ phone, until: Date.now() + minutes * 60_000, isEarly: true })
  tell(`${wordsFor(answer)} اگر کدی رسیده است، اینجا وارد کنید.`)
}

async function sendAnswer(phone_number, challenge) {
  const response = await post('/api/v1/usr/otp', { phone_number, challenge })
  return response.json()
}

let challengeToken

/** Shows the stand-in for a captcha. A real one's widget goes here, and gives the token by itself. */
function askSum({ token, question }, isWrong) {
  challengeToken = token
  const digits = (text) => text.replace(/\d/g, (digit) => Number(digit).toLocaleString('fa-IR'))
  element('question').textContent = digits(question)
  element('sum').value = ''
  show(challengeStep)
  if (isWrong) refuse(element('sum'), failure.sum)
}

async function verify() {
  // One tab at a time: the tokens of one must not be overwritten by the refusal of another.
  const answer = await alone(checkCode)
  const { access_token, detail = '' } = answer
  // Another tab of this browser has used the code: then it is logged in, and this one with it.
  const isLoggedIn =
    access_token !== undefined || (detail.startsWith(codeWasUsed) && storedTokens() !== undefined)
  if (!isLoggedIn) return refuse(element('code'), wordsFor(answer))
  await showAccount()
}

async function checkCode() {
  const before = storedTokens()
  const answer = await verifyOTP(element('phone').value, element('code').value)
  // The document's function keeps `undefined` where the code was refused.
  if (answer.access_token === undefined) {
    if (before === undefined) forgetTokens()
    else keepTokens(before)
  }
  return answer
}

async function showAccount() {
  const account = await getAccount()
  if (account === undefined) return show(phoneStep)
  element('account-phone').textContent = account.phone_number
  element('account-id').textContent = account.id
  const created = new Date(account.created_at)
  element('account-created').textContent = created.toLocaleDateString('fa-IR')
  forgetStep()
  show(dashboard)
}

/** The account that is logged in, with a new access token where the old one has expired. */
async function getAccount() {
  const first = await getMe()
  if (first.ok) return first.json()
  // One tab at a time: a refresh token that is shown twice ends the session.
  const renewed = await alone(() => renewTokens(first.token))
  const second = renewed ? await getMe() : first
  return second.ok ? second.json() : undefined
}

async function getMe() {
  const token = localStorage.getItem('access_token')
  if (token === null) return { ok: false, token }
  const response = await fetch('/api/v1/usr/me', { headers: { Authorization: `Bearer ${token}` } })
  if (response.status >= 500) throw new Error('the server failed')
  return { ok: response.ok, token, json: () => response.json() }
}

/** Runs it while no other tab does; where there are no locks, which http other than localhost lacks, at once. */
function alone(act) {
  if (navigator.locks === undefined) return act()
  return new Promise((resolve, reject) => {
    navigator.locks.request('tokens', async () => {
      await act().then(resolve, reject)
      // Other tabs see what this one stored only a moment later.
      await new Promise((released) => setTimeout(released, 500))
    })
  })
}

/** Whether there is another access token than the refused one. */
async function renewTokens(refused) {
  if (localStorage.getItem('access_token') !== refused) return true
  const refresh_token = localStorage.getItem('refresh_token')
  if (refresh_token === null) return false
  const response = await post('/api/v1/usr/token/refresh', { refresh_token })
  if (response.status >= 500) throw new Error('the server failed')
  if (!response.ok) {
    forgetTokens()
    return false
  }
  const tokens = await response.json()
  keepTokens(tokens)
  return true
}

async function logOut() {
  const refresh_token = localStorage.getItem('refresh_token')
  forgetTokens()
  show(phoneStep)
  await post('/api/v1/usr/logout', { refresh_token })
}

function post(path, body) {
  return fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function storedTokens() {
  const access_token = localStorage.getItem('access_token')
  if (access_token === null) return undefined
  return { access_token, refresh_token: localStorage.getItem('refresh_token') }
}

function keepTokens({ access_token, refresh_token }) {
  localStorage.setItem('access_token', access_token)
  localStorage.setItem('refresh_token', refresh_token)
}

function forgetTokens() {
  localStorage.removeItem('access_token')
  localStorage.removeItem('refresh_token')
}

on(phoneStep, 'submit', send)
on(resend, 'click', send)
on(challengeStep, 'submit', () => send({ token: challengeToken, answer: element('sum').value }))
for (const change of [element('change'), element('back')]) {
  on(change, 'click', async () => {
    forgetStep()
    show(phoneStep)
  })
}
on(codeStep, 'submit', verify)
on(element('logout'), 'click', logOut)

for (const button of document.querySelectorAll('button')) button.disabled = false
const begun = JSON.parse(sessionStorage.getItem(place))
if (localStorage.getItem('access_token') !== null) showAccount().catch(() => tell(failure.other))
else if (begun !== null) askCode(begun)
