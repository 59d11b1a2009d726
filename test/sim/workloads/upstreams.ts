import { NAIVE_IMAGE, OPAQUE_IMAGE, RESTLESS_IMAGE, TAGGED_IMAGE } from '../cluster/container.ts'
import { at, create, remove, rotate } from './steps.ts'
import type { Workload } from './workload.ts'

/** Providers and upstreams of other kinds than the kit’s, and reports that are not taken. */
export const upstreams: readonly Workload[] = [
  {
    name: 'tagged',
    says: 'The upstream invents the names and finds by tag: a container is killed before its report.',
    provider: { image: TAGGED_IMAGE },
    given: at('container:before-report', 'kill', 1),
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'opaque',
    says: 'The upstream invents the names and finds nothing: a container is killed before its report.',
    provider: { image: OPAQUE_IMAGE, capabilities: [] },
    given: at('container:before-report', 'kill', 1),
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'naive',
    says: 'The provider is made without the kit, and undoes its work whenever in doubt.',
    provider: { image: NAIVE_IMAGE, capabilities: [] },
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'restless',
    says: 'The provider makes others where its report is not taken, and reports them for the same task.',
    provider: { image: RESTLESS_IMAGE, capabilities: [] },
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'contradiction',
    says: 'A container reports another credential for a task that has ended with one, and is refused.',
    given: at('container:after-report', 'another credential', 1),
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'refused',
    says: 'The first report does not fit the provider, which then fails to undo its work: only the record of the refusal knows.',
    provider: { image: OPAQUE_IMAGE, capabilities: [] },
    given: [...at('container:before-report', 'unfit payload', 1), ...at('upstream:delete', 'down', 1, 2, 3)],
    steps: [create(), rotate(2), remove()],
  },
]
