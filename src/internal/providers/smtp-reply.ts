import type { DeliveryErrorKind } from '../../delivery'

/** Where in the dialogue the server refused: `message` is `DATA` and the final dot. */
export type SmtpStep = 'greeting' | 'tls' | 'auth' | 'sender' | 'recipient' | 'message'

/**
 * What a refusal means, by the step, the reply code, the enhanced status code (RFC 3463) and the
 * words. Before the message nobody has seen a text, so it is never the text that is refused; and
 * only a few enhanced codes, or plain words, say that the recipient is at fault. All else is between
 * the operator and the server, for every person alike.
 */
export function classifySmtpReply(step: SmtpStep, reply: number, text: string): DeliveryErrorKind {
  const [, detail = ''] = /(?<![\d.])[245]\.(\d{1,3}\.\d{1,3})(?!\d|\.\d)/.exec(text) ?? []
  // Addresses and hosts are named as people like: `relay@…` is no word of the server's.
  const words = text.replace(/<[^>]*>?|\S*@\S*|\b[\w-]+(\.[\w-]+)+/g, ' ')
  // How SendGrid's relay says it, under a temporary code.
  if (/credits exceeded/i.test(words)) return 'insufficient_funds'
  if (wordsOfQuota.test(words)) return 'rate_limited'
  if (step === 'tls') return 'misconfigured'
  const isAuth = step === 'auth' || [530, 534, 535, 538].includes(reply)
  if (reply < 500) {
    if (step !== 'sender') return 'unavailable'
    return reply === 421 || detail.startsWith('7.') ? 'rate_limited' : 'unavailable'
  }
  if (isAuth || step === 'sender') return 'misconfigured'
  // The host is not wanted there, or there is no mail service at all (RFC 5321 section 3.1).
  if (step === 'greeting') return 'unavailable'
  if (wordsOfDisabled.test(words)) return 'misconfigured'
  if (/^(1\.(1|2|3|6|10)|2\.1)$/.test(detail)) return 'invalid_recipient'
  const isSender = senderDetails.test(detail) || wordsOfIdentity.test(text)
  if (step === 'message' && isSender) return 'misconfigured'
  if (/^2\.|^3\.[0123]$/.test(detail)) return 'unavailable'
  if (step === 'message') return ofMessage(reply, detail, words)
  return ofRecipient(reply, detail, words, text)
}

const senderDetails = /^(1\.7|1\.8|7\.60|7\.64)$/

// The codes are those of the person's mailbox, and the words of ours.
const wordsOfDisabled =
  /\b(sender|your( own)? (account|mailbox|user|login))\b[^.:;]*\b(disabled|suspended|blocked|locked|inactive|deactivated|expired|unknown|does not exist|not (found|allowed|permitted|authori[sz]ed))\b/i

// How much this account may send in a time, and not how much a mailbox may hold.
const wordsOfQuota =
  /\b(sending|daily|hourly|24-hour|per (second|minute|hour|day))\b.*\b(limit|quota|rate|allowed)\b|\bexceeded\b.*\b(sending|daily|hourly|per (second|minute|hour|day))\b|\bthrottling\b/i

// How relays that took the text say that its sender is none of ours: SES, SendGrid, Postmark, Postfix
// and Exchange. Of a filter's `sender` nothing is said.
const wordsOfIdentity =
  /\bnot verified\b|\bverified sender\b|\bsender signature\b|SendAsDenied|\bsend(ing)? (on behalf of|as)\b|\bnot owned by\b|\b(not|n't) (authori[sz]ed|permitted|allowed) to send\b|\b(invalid|unauthori[sz]ed) (from|sender)\b/i

function ofMessage(reply: number, detail: string, words: string): DeliveryErrorKind {
  if (/\brelay/i.test(words)) return 'misconfigured'
  if (detail.startsWith('7.') || detail.startsWith('6.')) return 'content_rejected'
  if (reply === 552) return 'unavailable'
  return reply === 550 || reply === 554 ? 'content_rejected' : 'unknown'
}

// Servers without enhanced codes, and those that put the wrong one, say it in words.
const wordsOfSender =
  /\b(sender|relay(ing|ed)?|authenticat\w*|smtp auth\w*|log ?in|rcpthosts|helo|ehlo|your (account|domain|mail|e-?mail|messages?|server)|outgoing|outbound|not a gateway|spf|dkim|dmarc|from address|return.path|(not|n't) (allowed|authori[sz]ed|permitted)|denied|prohibited|prohibition|policy|spam)\b/i
const wordsOfHost =
  /\b(client host|block(ed|ing|ed using|list\w*)|black-?list\w*|denylist\w*|listed (at|in|on|by)|spamhaus|rbl|dnsbl|reputation|your (ip|host)|no smtp service|too many)\b/i
const wordsOfMailbox =
  /\b(user|mailbox|recipient|account|address|person)\b.*\b(unknown|not found|exists?|invalid|unavailable|disabled|inactive|not local)\b|\b(no such|unknown|invalid|non-?existent|no) (local )?(user|mailbox|recipient|account|address|person)\b|\b(user|mailbox) (unknown|unavailable|not local)\b|(?<!\b(domain|host ?name|mx)\b.*)\b(does not|doesn't|not) exist\b/i

function ofRecipient(
  reply: number,
  detail: string,
  words: string,
  text: string,
): DeliveryErrorKind {
  // The words of RFC 5321 for 553.
  if (/mailbox name not allowed/i.test(words)) return 'invalid_recipient'
  if (wordsOfHost.test(words)) return 'unavailable'
  if (senderDetails.test(detail) || wordsOfSender.test(words)) return 'misconfigured'
  if (detail.startsWith('7.')) return 'misconfigured'
  if (reply === 552) return 'unavailable'
  if (reply === 554) return detail === '' ? 'misconfigured' : 'unknown'
  const isMailbox = [501, 550, 551, 553].includes(reply) && /^(0\.0)?$/.test(detail)
  // A server that quotes an address and says no more means the address.
  const named = wordsOfMailbox.test(words) || (text.includes('@') && !/\p{L}/u.test(words))
  return isMailbox && named ? 'invalid_recipient' : 'unknown'
}
