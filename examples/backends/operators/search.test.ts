import { describe, expect, it } from 'vitest'
import { idOf, openAccounts, places, proven } from './open-accounts'
import { email, phone } from './start-backend'

describe.each(places)('in %s', (_name, place) => {
  it('a search reads every character as itself, and letters of either case', async () => {
    const { insert, found } = await openAccounts(place)
    const names = [
      '100% Bus',
      '100 Bus',
      'a_b',
      'axb',
      'Hey! Bus',
      'back\\slash',
      "O'Brien",
      'ÅSA Österåker',
      'ШИРОКИЙ ПУТЬ',
      'شرکت اتوبوس‌رانی',
      'मुंबई बस',
    ]
    for (const company_name of names) await insert({ company_name })
    const idOfName = (name: string) => names.indexOf(name) + 1
    for (const [search, ...matching] of [
      ['%', '100% Bus'],
      ['100%', '100% Bus'],
      ['_', 'a_b'],
      ['A_B', 'a_b'],
      ['!', 'Hey! Bus'],
      ['!%'],
      ['\\', 'back\\slash'],
      ["'", "O'Brien"],
      ['åsa ö', 'ÅSA Österåker'],
      ['ÅSA Ö', 'ÅSA Österåker'],
      ['широкий', 'ШИРОКИЙ ПУТЬ'],
      ['اتوبوس', 'شرکت اتوبوس‌رانی'],
      ['मुंबई', 'मुंबई बस'],
      ['BUS', '100% Bus', '100 Bus', 'Hey! Bus'],
      ['nobody'],
      ['', ...names],
    ]) {
      expect([search, await found(search ?? '')]).toEqual([search, matching.map(idOfName)])
    }
  })

  it('a search looks at name, contacts, city and state, as they have become', async () => {
    const { accounts, insert, found } = await openAccounts(place)
    const id = idOf(
      await insert({ city: 'Pune', state: 'Maharashtra', address: 'Hidden Road' }, { phone }),
    )
    for (const search of ['test bus', '+919876', '543210', 'pune', 'mahaRASHTRA']) {
      expect([search, await found(search)]).toEqual([search, [id]])
    }
    for (const search of ['hidden', 'scrypt', 'pending']) expect(await found(search)).toEqual([])
    await accounts.update(id, { city: 'Delhi' })
    await accounts.verifyContact(id, proven.email)
    for (const search of ['delhi', email]) expect(await found(search)).toEqual([id])
    expect(await found('pune')).toEqual([])
  })

  it('a search knows what was changed at once', async () => {
    const { accounts, insert, found } = await openAccounts(place)
    for (let round = 0; round < 10; round += 1) {
      const id = idOf(await insert())
      const address = `person${round}@example.com`
      await Promise.all([
        accounts.update(id, { city: `City ${round}.` }),
        accounts.verifyContact(id, { ...proven.email, email: address }),
        accounts.update(id, { state: `State ${round}.` }),
      ])
      for (const search of [`city ${round}.`, `state ${round}.`, address]) {
        expect([search, await found(search)]).toEqual([search, [id]])
      }
    }
  })

  it('pages hold each account once, the oldest first, and the total of all of them', async () => {
    const { accounts, insert } = await openAccounts(place)
    for (let number = 1; number <= 7; number += 1)
      await insert({ city: number % 2 ? 'Odd' : 'Even' })
    await accounts.setStatus(3, ['PENDING'], 'ACTIVE')
    const ids = async (page: Parameters<typeof accounts.list>[0]) => {
      const { accounts: listed, total } = await accounts.list(page)
      return [listed.map(({ id }) => id), total]
    }
    expect(await ids({ skip: 0, limit: 3 })).toEqual([[1, 2, 3], 7])
    expect(await ids({ skip: 3, limit: 3 })).toEqual([[4, 5, 6], 7])
    expect(await ids({ skip: 6, limit: 3 })).toEqual([[7], 7])
    expect(await ids({ skip: 7, limit: 3 })).toEqual([[], 7])
    expect(await ids({ search: 'odd', skip: 1, limit: 2 })).toEqual([[3, 5], 4])
    expect(await ids({ status: 'ACTIVE', skip: 0, limit: 9 })).toEqual([[3], 1])
    expect(await ids({ search: 'odd', status: 'PENDING', skip: 0, limit: 9 })).toEqual([
      [1, 5, 7],
      3,
    ])
    expect(await accounts.countByStatus()).toEqual({
      PENDING: 6,
      ACTIVE: 1,
      SUSPENDED: 0,
      REJECTED: 0,
    })
  })
})
