import type { CustomCredential } from '../../../src/api/generated.ts'
import { annotation, label, restartedBy, restartedFor } from '../../../src/api/labels.ts'
import { CustomCredentials, Deployments, Secrets, type Workload } from '../../../src/api/resources.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, isOperator, untilRobbed, wanted } from './reading.ts'

/** What consumers could read of each credential, by its UID: the first version and the newest one. */
function shownVersions() {
  const shown = new Map<string, { readonly first: number; readonly newest: number }>()
  return {
    learn(fact: Fact): void {
      const secret = changeOf(fact, Secrets)
      if (secret === undefined || secret.type === 'deleted' || !isOperator(secret.by)) return
      const { labels, annotations } = secret.object.metadata
      const uid = labels?.[label.credentialUid]
      const version = Number(annotations?.[annotation.version] ?? 0)
      if (uid === undefined || version === 0 || labels?.[label.custody] !== undefined) return
      const { first, newest } = shown.get(uid) ?? { first: version, newest: version }
      shown.set(uid, { first, newest: Math.max(newest, version) })
    },
    of: (uid: string) => shown.get(uid) ?? { first: 0, newest: 0 },
  }
}

const annotationsOf = ({ spec }: Workload): Readonly<Record<string, string>> =>
  spec?.template?.metadata?.annotations ?? {}

/** The credentials, by UID, for whose sake a pod template was last written, with their versions. */
const reasonsOf = (workload: Workload): Map<string, number> => {
  const annotations = annotationsOf(workload)
  const [versions, owners] = [restartedFor(''), restartedBy('')]
  const names = Object.keys(annotations).filter((key) => key.startsWith(versions))
  return new Map(
    names.map((key) => [annotations[owners + key.slice(versions.length)] ?? '', Number(annotations[key])] as const),
  )
}

function onceForEach(): Checker {
  const shown = shownVersions()
  /** By workload and credential. */
  const newest = new Map<string, number>()
  const judge = (workload: Workload): string | undefined => {
    const { name, uid } = workload.metadata
    const raised = [...reasonsOf(workload)].filter(([owner, version]) => newest.get(`${uid} ${owner}`) !== version)
    const [[owner, version] = ['', 0]] = raised
    if (raised.length !== 1) return `${name} is rolled out again, though no version is new`
    const before = newest.get(`${uid} ${owner}`) ?? 0
    newest.set(`${uid} ${owner}`, version)
    if (version < before) return `${name} is rolled out for version ${version} after version ${before}`
    if (version > shown.of(owner).newest) return `${name} is rolled out for version ${version}, which nobody can read`
    return version > shown.of(owner).first ? undefined : `${name} is rolled out for version ${version}, the first one`
  }
  return {
    on(fact) {
      shown.learn(fact)
      const workload = changeOf(fact, Deployments)
      return workload?.type === 'changed' && isOperator(workload.by) ? judge(workload.object) : undefined
    },
  }
}

function allFollow(): Checker {
  const shown = shownVersions()
  /** By credential and target: what consumers could read when it was first named. */
  const begun = new Map<string, number>()
  const targetsOf = ({ metadata, spec }: CustomCredential) =>
    (spec.restartTargets ?? []).map((target) => ({ ...target, id: `${metadata.uid} ${target.kind} ${target.name}` }))
  const behind = (state: State, credential: CustomCredential): string | undefined => {
    const { namespace = '', name, uid } = credential.metadata
    const current = credential.status.currentVersion ?? 0
    for (const target of targetsOf(credential)) {
      const workload = state.all(Deployments).get(`${namespace}/${target.name}`)
      const hadNone = current <= Math.max(shown.of(uid).first, begun.get(target.id) ?? 0)
      if (workload === undefined || hadNone) continue
      const version = reasonsOf(workload).get(uid)
      if (version !== current) return `${target.name} follows version ${version ?? 'none'} of ${name}, not ${current}`
    }
    return undefined
  }
  return {
    on(fact) {
      shown.learn(fact)
      const { object } = changeOf(fact, CustomCredentials) ?? {}
      for (const { id } of object ? targetsOf(object) : [])
        if (!begun.has(id)) begun.set(id, shown.of(object?.metadata.uid ?? '').newest)
      return undefined
    },
    atRest(state) {
      return wanted(state)
        .map((credential) => behind(state, credential))
        .find((complaint) => complaint !== undefined)
    },
  }
}

export const restarts: readonly Invariant[] = [
  {
    id: 'S9 restarts',
    says: 'A workload is rolled out once for each version that takes the place of another, when consumers can read it, and never for an older one.',
    begin: onceForEach,
  },
  {
    id: 'L1 restarts',
    says: 'At rest each restart target has been rolled out for the current version, if that took the place of another.',
    begin: untilRobbed(allFollow),
  },
]
