/** How often a client was called, and how often a caller had to wait for it. */
export interface Calls {
  calls: number
  roundTrips: number
}

/** The client, counted. Calls made while another one is under way share its round trip. */
export function counted<Client extends object>(client: Client, methods: readonly string[]) {
  const count: Calls = { calls: 0, roundTrips: 0 }
  let underWay = 0
  const ended = () => {
    underWay -= 1
  }
  const proxy = new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || !methods.includes(String(name))) return member
      return (...args: unknown[]) => {
        count.calls += 1
        if (underWay === 0) count.roundTrips += 1
        underWay += 1
        const answer: Promise<unknown> = Reflect.apply(member, target, args)
        answer.then(ended, ended)
        return answer
      }
    },
  })
  return { client: proxy, count }
}
