// What a page keeps of what is under way, for a reload and for a tab that a phone has put away.
// Never a code, and never a password.
const place = `under way at ${location.pathname}`

/** Everything that was kept, by name. */
export function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(place)) ?? {}
  } catch {
    // The browser keeps nothing: a reload then begins anew.
    return {}
  }
}

/** Keeps values beside those that are there. `undefined` takes one away. */
export function keep(values) {
  try {
    sessionStorage.setItem(place, JSON.stringify({ ...kept(), ...values }))
  } catch {
    // As above.
  }
}
