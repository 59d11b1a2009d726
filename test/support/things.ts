import type { KubeObject, ObjectMeta, Resource } from '../../src/api/meta.ts'

/** A kind of object without meaning, for tests of machinery that knows no kind. */
export interface Thing extends KubeObject {
  readonly color?: string
}

export const things: Resource<Thing> = {
  group: 'test.dev',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  namespaced: true,
}

/** `thing('a', 7)`: version 7 of the object `ns/a`, whose UID is `uid-a` unless said otherwise. */
export const thing = (name: string, version: number, more: Partial<ObjectMeta> & { color?: string } = {}): Thing => {
  const { color, ...metadata } = more
  return {
    ...(color !== undefined && { color }),
    metadata: { namespace: 'ns', name, uid: `uid-${name}`, resourceVersion: String(version), ...metadata },
  }
}
