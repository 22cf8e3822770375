import {
  classify,
  contentRejected,
  type ErrorTable,
  mendedAt,
  misconfigured,
  rateLimited,
  type Statement,
} from './classify'

/** What an error of Amazon SES says, by its type. */
export function sesStatement(type: unknown, text: unknown): Statement {
  // The sender, or in the sandbox the recipient.
  if (type === 'MessageRejected' && /not verified/i.test(String(text))) return identities
  return classify(errors, type) ?? (typeof type === 'string' ? 'unlisted' : undefined)
}

const identities = mendedAt('https://console.aws.amazon.com/ses/home#/verified-identities')

const errors: ErrorTable = {
  BadRequestException: misconfigured,
  MessageRejected: contentRejected,
  MailFromDomainNotVerifiedException: identities,
  NotFoundException: misconfigured,
  AccountSuspendedException: misconfigured,
  SendingPausedException: misconfigured,
  LimitExceededException: rateLimited,
  TooManyRequestsException: rateLimited,
}
