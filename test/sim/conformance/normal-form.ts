import type { Transcript } from './play.ts'

/** A UUID, other than in the name of a task. */
const UID = /(?<!sm-task-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const VERSION = /"resourceVersion":"(\d+)"/g
const TIME = /"(creationTimestamp|deletionTimestamp)":"[^"]*"/g

/** Of fields, so that what appears first does not depend on who writes them down. */
const inOrder = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/**
 * What two servers have in common that behave alike: UIDs are numbered as they appear, resourceVersions by their order,
 * times are only known to be set, the place has no name, and nobody's fields are managed.
 */
export function normalForm(transcript: Transcript, place: string): Transcript {
  const text = JSON.stringify(transcript, (key, value: unknown) =>
    key === 'managedFields' ? undefined : inOrder(value),
  )
  const uids = [...new Set([...text.matchAll(UID)].map(([uid]) => uid))]
  const versions = [...new Set([...text.matchAll(VERSION)].map(([, version]) => Number(version)))].sort((a, b) => a - b)
  const normal = text
    .replaceAll(place, '<place>')
    .replaceAll(UID, (uid) => `<uid ${uids.indexOf(uid)}>`)
    .replaceAll(VERSION, (_, version: string) => `"resourceVersion":"${versions.indexOf(Number(version))}"`)
    .replaceAll(TIME, '"$1":"set"')
  return JSON.parse(normal) as Transcript
}
