import type { KeyPair } from './certificates.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

export const AUTHORITY_LIFE_MS = 365 * DAY
export const SERVER_LIFE_MS = 7 * DAY

/**
 * How long an authority is known before it signs. A Job is given the authorities of the moment when it is made and may run
 * for a day (the longest task timeout); the rest is for replicas that read the authorities a little later.
 */
const ANNOUNCED_MS = 26 * HOUR

/** Authorities that still count, the oldest first. */
export const unexpired = (authorities: readonly KeyPair[], now: number): readonly KeyPair[] =>
  authorities.filter(({ notAfter }) => notAfter > now).sort((a, b) => a.notBefore - b.notBefore)

/** What a client has to trust: all of them, whichever signs. PEM. */
export const bundle = (authorities: readonly KeyPair[]): string =>
  authorities.map(({ certificate }) => `${certificate.trim()}\n`).join('')

/** The authority that signs now: the newest that every running Job knows; while there is none, the oldest. */
export function signer(authorities: readonly KeyPair[], now: number): KeyPair | undefined {
  const valid = unexpired(authorities, now)
  return valid.findLast(({ notBefore }) => notBefore + ANNOUNCED_MS <= now) ?? valid[0]
}

/** Two thirds of a certificate's life are over: time for the next one. */
export const isDue = ({ notBefore, notAfter }: KeyPair, now: number): boolean =>
  now >= notBefore + ((notAfter - notBefore) * 2) / 3

/** Whether a successor is to be made: the newest authority is due, or there is none. */
export function needsSuccessor(authorities: readonly KeyPair[], now: number): boolean {
  const newest = unexpired(authorities, now).at(-1)
  return newest === undefined || isDue(newest, now)
}
