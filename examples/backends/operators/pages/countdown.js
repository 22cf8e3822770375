// Buttons that show when they work again.
import { language, t } from './page.js'

/** What each counting button says otherwise. */
const labels = new WeakMap()
const timers = new WeakMap()

/**
 * Counts down in the button until the instant, in milliseconds, and then calls `ended`. One that has
 * passed ends it at once.
 */
export function countDown(
  button,
  until,
  words = (time) => t('Again in {time}', { time }),
  ended = () => {},
) {
  if (!labels.has(button)) labels.set(button, button.textContent)
  clearInterval(timers.get(button))
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000)
    // Not `disabled`, which would drop the focus.
    button.setAttribute('aria-disabled', String(left > 0))
    button.textContent = left > 0 ? words(clock(left)) : labels.get(button)
    if (left <= 0) {
      clearInterval(timers.get(button))
      labels.delete(button)
      ended()
    }
  }
  timers.set(button, setInterval(tick, 500))
  tick()
}

export const isCounting = (button) => button.getAttribute('aria-disabled') === 'true'

function clock(seconds) {
  const part = (value, digits) =>
    new Intl.NumberFormat(language, { minimumIntegerDigits: digits, useGrouping: false }).format(
      value,
    )
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  const rest = `${part(minutes, hours > 0 ? 2 : 1)}:${part(seconds % 60, 2)}`
  return hours > 0 ? `${part(hours, 1)}:${rest}` : rest
}
