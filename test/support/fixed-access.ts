import type { ClusterAccess, Credentials } from '../../src/kube/credentials.ts'

/** Credentials that never change. */
export const fixedAccess = ({ server, ...credentials }: Credentials & { server: string }): ClusterAccess => ({
  server,
  credentials: () => Promise.resolve(credentials),
  refused() {
    // There is nothing to read again.
  },
})
