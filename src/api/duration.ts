const MILLISECONDS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `30d`, `12h`, `1h30m`, `90s` in milliseconds. The CRDs admit nothing else; anything else here is a defect: throws. */
export function parseDuration(text: string): number {
  if (!/^(\d+[smhd])+$/.test(text)) throw new Error(`"${text}" is not a duration such as 30d, 12h or 1h30m`)
  let total = 0
  for (const [, digits, unit] of text.matchAll(/(\d+)([smhd])/g)) {
    total += Number(digits) * MILLISECONDS[unit as keyof typeof MILLISECONDS]
  }
  return total
}
