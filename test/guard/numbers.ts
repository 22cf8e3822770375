import type { Random } from './random'

/** Who was given which mobile numbers in a country, as far as a simulation needs it. */
export interface NumberingPlan {
  readonly country: 'IN' | 'BD' | 'EE' | 'GB' | 'IR'
  readonly callingCode: string
  /** Digits behind the calling code. */
  readonly digits: number
  readonly operators: readonly Operator[]
}

interface Operator {
  /** Of the people of the country. */
  readonly share: number
  /** What its numbers begin with; the first ones are those of the cities that the app is known in. */
  readonly series: readonly string[]
}

export const plans: readonly [NumberingPlan, ...NumberingPlan[]] = [
  {
    country: 'IN',
    callingCode: '91',
    digits: 10,
    operators: [
      {
        share: 0.4,
        series: ['7021', '7011', '7000', '7006', '7007', '7008', '9136', '9321', '6200', '6299'],
      },
      {
        share: 0.33,
        series: ['9819', '9810', '9844', '9845', '9880', '9900', '9971', '9717', '9958', '9999'],
      },
      { share: 0.19, series: ['9820', '9833', '9811', '9873', '9953', '9990', '9891', '9718'] },
      { share: 0.08, series: ['9869', '9868', '9480', '9448', '9449'] },
    ],
  },
  {
    country: 'BD',
    callingCode: '880',
    digits: 10,
    operators: [
      { share: 0.46, series: ['171', '131', '170', '177'] },
      { share: 0.3, series: ['181', '161', '187'] },
      { share: 0.21, series: ['191', '141', '196'] },
      { share: 0.03, series: ['151'] },
    ],
  },
  {
    country: 'EE',
    callingCode: '372',
    digits: 8,
    operators: [
      { share: 0.4, series: ['51', '52', '53'] },
      { share: 0.35, series: ['56', '57', '50'] },
      { share: 0.25, series: ['58', '55'] },
    ],
  },
  {
    country: 'GB',
    callingCode: '44',
    digits: 10,
    operators: [
      { share: 0.4, series: ['7710', '7860', '7812', '7740'] },
      { share: 0.35, series: ['7899', '7535', '7946'] },
      { share: 0.25, series: ['7400', '7500'] },
    ],
  },
  {
    country: 'IR',
    callingCode: '98',
    digits: 10,
    operators: [
      { share: 0.55, series: ['912', '919', '913', '911', '990'] },
      { share: 0.38, series: ['935', '936', '938', '901', '902'] },
      { share: 0.07, series: ['921'] },
    ],
  },
]

/** A number of somebody whom the app is likely to meet: of a large operator, from a known city. */
export function numberOf(plan: NumberingPlan, random: Random): string {
  let left = random.unit()
  const operator = plan.operators.find(({ share }) => {
    left -= share
    return left < 0
  })
  const { series } = operator ?? plan.operators[0] ?? { series: [''] }
  const start = series[random.popular(series.length)] ?? ''
  return complete(plan, start, random)
}

/** A number with this beginning, all of them equally likely. */
export function complete(
  { callingCode, digits }: NumberingPlan,
  start: string,
  random: Random,
): string {
  let number = start
  while (number.length < digits) number += random.below(10)
  return `+${callingCode}${number}`
}

/** A number of any operator and series, all of them equally likely. */
export function anyNumber(plan: NumberingPlan, random: Random): string {
  const all = plan.operators.flatMap(({ series }) => series)
  return complete(plan, all[random.below(all.length)] ?? '', random)
}
