import { CustodyKind } from '../../api/labels.ts'
import type { Resolution } from '../../credentials-provider/resolve.ts'
import type { Snapshot } from '../snapshot.ts'

/** Nothing is made before the Secrets are there that its run is to read: it would only fail. */
export function supplied(resolution: Resolution, { credential, inputs, namespace }: Snapshot): Resolution {
  if (!resolution.ok) return resolution
  const missing = Object.entries(resolution.run.secretParameters ?? {}).filter(
    // By the UID of the namespace they are told apart: a kit keeps it for ever.
    ([, { name }]) => namespace === undefined || !inputs.some((there) => there.name === name),
  )
  if (missing.length === 0) return resolution
  const which = missing.map(([input, { name }]) => `"${name}" (for ${input})`).join(', ')
  const where = `namespace "${credential.metadata.namespace ?? ''}"`
  const message = `spec.secretParameters: there is no Secret ${which} in ${where}. Create it, or name another.`
  return { ok: false, problem: { reason: 'InputSecretNotFound', message } }
}

const copiesIn = (s: Snapshot) => s.custody.filter(({ custody }) => custody === CustodyKind.copy)

/** Whether the spec wants a copy of a Secret; undefined where it does not name it. */
function wantsCopy({ credential }: Snapshot, secret: string): boolean | undefined {
  const named = Object.values(credential.spec.secretParameters ?? {}).filter(({ name }) => name === secret)
  return named.length === 0 ? undefined : named.some(({ copyForRevocation }) => copyForRevocation === true)
}

/** The Secrets of which no copy is kept that should be, or an old one. What is gone stays as it was copied last. */
export function dueCopies(s: Snapshot): string[] {
  const copies = copiesIn(s)
  return s.inputs
    .filter(({ name, version }) => {
      const copy = copies.find(({ inputSecrets }) => inputSecrets?.includes(name))
      const isWanted = wantsCopy(s, name) ?? copy !== undefined
      return isWanted && copy?.copied !== version
    })
    .map(({ name }) => name)
}

/** Copies that people have given up, and those of which no kit that is left tells any more. */
export const spentCopies = (s: Snapshot, spentKits: readonly string[]): string[] =>
  copiesIn(s)
    .filter(({ inputSecrets = [] }) => {
      const isNeeded = s.custody.some(
        (kit) =>
          kit.custody === CustodyKind.kit &&
          !spentKits.includes(kit.name) &&
          inputSecrets.some((name) => kit.inputSecrets?.includes(name)),
      )
      return !inputSecrets.some((name) => wantsCopy(s, name) ?? isNeeded)
    })
    .map(({ name }) => name)

/** Secrets that deletions may want to read and that are nowhere any more. */
export function goneInputs(s: Snapshot): string[] {
  const named = s.custody.flatMap(({ inputSecrets = [] }) => inputSecrets)
  const kept = [...s.inputs.map(({ name }) => name), ...copiesIn(s).flatMap(({ inputSecrets = [] }) => inputSecrets)]
  return [...new Set(named)].filter((name) => !kept.includes(name)).sort()
}
