import { Consumers } from './consumers.ts'
import type { Gateway } from './container.ts'
import { DeploymentController } from './deployment-controller.ts'
import { GarbageCollector } from './garbage-collector.ts'
import { JobController } from './job-controller.ts'
import { Kubelet } from './kubelet.ts'
import { NamespaceController } from './namespace-controller.ts'
import { Upstream } from './upstream.ts'
import type { World } from './world.ts'

export interface ClusterOptions extends World {
  readonly gateway: Gateway
  readonly clockIsRight?: () => boolean
}

/** Everything of a cluster that reacts to objects, apart from the operator, and the system that credentials are for. */
export class Cluster {
  readonly upstream: Upstream
  readonly kubelet: Kubelet

  constructor(options: ClusterOptions) {
    this.upstream = new Upstream(options)
    this.kubelet = new Kubelet({ ...options, upstream: this.upstream })
    new JobController(options)
    new GarbageCollector(options)
    new NamespaceController(options)
    const deployments = new DeploymentController(options)
    new Consumers({ clockIsRight: () => true, ...options, upstream: this.upstream, deployments })
  }
}
