// Beside `sendOTP` and `verifyOTP`, which document.js has as the document prints them.
const element = (id) => document.getElementById(id)
const phoneStep = element('phone-step')
const codeStep = element('code-step')
const dashboard = element('dashboard')

const failure = {
  phone: 'شماره موبایل را درست وارد کنید؛ مانند ۰۹۱۲۳۴۵۶۷۸۹.',
  code: 'این کد نادرست است یا دیگر اعتبار ندارد.',
  used: 'این کد پیش‌تر به کار رفته است. برای ورود، کد تازه بخواهید.',
  locked: 'تلاش‌های نادرست بیش از حد بود. با پشتیبانی تماس بگیرید.',
  notSent: 'پیامک فرستاده نشد. کمی بعد دوباره تلاش کنید.',
  other: 'انجام نشد. کمی بعد دوباره تلاش کنید.',
}

const codeWasUsed = 'This code was used already'

/** What the API refused, in the words of this page. */
function wordsFor({ detail = '', errors = [] }) {
  const [, minutes] = /(\d+) minutes?$/.exec(detail) ?? []
  if (minutes !== undefined) {
    const count = Number(minutes).toLocaleString('fa-IR')
    return `درخواست‌ها بیش از حد بود. ${count} دقیقه دیگر دوباره تلاش کنید.`
  }
  if (errors.some(({ field }) => field === 'phone_number')) return failure.phone
  if (errors.length > 0 || detail === 'Invalid OTP code') return failure.code
  if (detail.startsWith(codeWasUsed)) return failure.used
  if (detail === 'Failed to send OTP') return failure.notSent
  return detail.startsWith('Too many failed') ? failure.locked : failure.other
}

function show(step, status = '') {
  for (const each of [phoneStep, codeStep, dashboard]) each.hidden = each !== step
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

/** Runs one action at a time; a server that cannot be reached is told. */
let isBusy = false
function on(target, type, act) {
  target.addEventListener(type, async (event) => {
    event.preventDefault()
    if (isBusy) return
    isBusy = true
    await act().catch(() => tell(failure.other))
    isBusy = false
  })
}

async function send() {
  const answer = await sendOTP(element('phone').value)
  if (answer.expires_in === undefined) {
    return phoneStep.hidden ? tell(wordsFor(answer)) : refuse(element('phone'), wordsFor(answer))
  }
  element('code').value = ''
  element('sent-phone').textContent = element('phone').value
  show(codeStep, 'کد فرستاده شد.')
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
on(element('resend'), 'click', send)
on(element('change'), 'click', async () => show(phoneStep))
on(codeStep, 'submit', verify)
on(element('logout'), 'click', logOut)
if (localStorage.getItem('access_token') !== null) showAccount().catch(() => tell(failure.other))
