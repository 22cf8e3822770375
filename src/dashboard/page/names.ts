import { formatCountry } from './format'

const channels: Readonly<Record<string, string>> = {
  sms: 'SMS',
  whatsapp: 'WhatsApp',
  voice: 'Voice',
  email: 'E-mail',
}

const limits: Readonly<Record<string, string>> = {
  cooldown: 'Wait between messages',
  recipient: 'Messages to one recipient',
  challenge: 'Messages of one code',
  ip: 'Requests from one IP address',
  country: 'Budget of a country',
  prefix: 'Budget of a number block',
  global: 'Budget of everything',
}

export const channelName = (channel: string): string => channels[channel] ?? channel
export const limitName = (limit: string): string => limits[limit] ?? limit

/** `opted_out`: Opted out. */
export function inWords(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export type Dimension = 'channel' | 'provider' | 'country' | 'purpose'

export const dimensions: readonly Dimension[] = ['channel', 'provider', 'country', 'purpose']

/** A value of a dimension as people call it; `null` and `-` are those without one. */
export function valueName(dimension: Dimension, value: string | null): string {
  if (value === null || value === '-') return 'Unknown'
  if (dimension === 'channel') return channelName(value)
  return dimension === 'country' ? formatCountry(value) : value
}
