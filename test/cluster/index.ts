export { ApiCluster, attachApiCluster, startApiCluster, type ApiClusterOptions } from './api/cluster.ts'
export type { User } from './api/configuration.ts'
export { AuditLog, type AuditEvent } from './audit-log.ts'
export { ClusterFailure } from './host/failure.ts'
export { progressTo, silent, type Progress } from './host/progress.ts'
export {
  KindCluster,
  attachKindCluster,
  startKindCluster,
  type BuildOptions,
  type KindClusterOptions,
} from './kind/cluster.ts'
