import type { OtpDatabase } from 'otpkit'

/** A database behind one client, empty at first, whose clock is the test's. */
export interface OpenedClient {
  database(clock: () => number): OtpDatabase
  close(): Promise<void>
}

/** A client that the kit is run over, in the words of the table in docs/hosting.md. */
export interface ClientKind {
  readonly name: string
  open(): Promise<OpenedClient>
}
