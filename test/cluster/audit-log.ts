import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'

/** One line for each answered request: who, verb, object, code. Bodies stay out, and with them every secret value. */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
}

/** What the API server records of an answered request (audit.k8s.io/v1 Event, level Metadata). */
export interface AuditEvent {
  stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic'
  requestURI: string
  verb: string
  user: { username: string; groups?: string[] }
  objectRef?: { resource: string; subresource?: string; namespace?: string; name?: string; apiGroup?: string }
  responseStatus?: { code: number }
}

/** Reads an audit log from a moment on, so that a test counts its own requests and no others. */
export class AuditLog {
  readonly #path: string
  #offset: number

  /** Starts at the end of what is there now. */
  constructor(path: string) {
    this.#path = path
    this.#offset = statSync(path).size
  }

  /** From now on. */
  mark(): void {
    this.#offset = statSync(this.#path).size
  }

  /**
   * All requests answered since the mark, in the order of their answers; of a watch, only after it ended. The
   * line of a large answer can come a moment after the client has read it: poll for what is expected.
   */
  events(): AuditEvent[] {
    return readFrom(this.#path, this.#offset)
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ stage }) => stage === 'ResponseComplete')
  }

  /** Changes that the API server accepted from one user (by full name) since the mark. */
  writes(username: string): AuditEvent[] {
    return this.events().filter(
      ({ user, verb, responseStatus }) =>
        user.username === username && WRITES.has(verb) && (responseStatus?.code ?? 0) < 300,
    )
  }
}

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

function readFrom(path: string, offset: number): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(fstatSync(file).size - offset)
    readSync(file, bytes, 0, bytes.length, offset)
    return bytes.toString('utf8')
  } finally {
    closeSync(file)
  }
}
