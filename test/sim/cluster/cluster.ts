import { kit } from './kit.ts'
import type { Gateway } from './container.ts'
import { GarbageCollector } from './garbage-collector.ts'
import { JobController } from './job-controller.ts'
import { Kubelet } from './kubelet.ts'
import { naive } from './naive.ts'
import { NamespaceController } from './namespace-controller.ts'
import { Upstream } from './upstream.ts'
import type { World } from './world.ts'

export interface ClusterOptions extends World {
  readonly gateway: Gateway
  /** What providers are made of: the production kit unless told otherwise. */
  readonly containerOf?: 'kit' | 'naive'
}

/** Everything of a cluster that reacts to objects, apart from the operator, and the system that credentials are for. */
export class Cluster {
  readonly upstream: Upstream
  readonly kubelet: Kubelet

  constructor(options: ClusterOptions) {
    this.upstream = new Upstream(options)
    const program = options.containerOf === 'naive' ? naive : kit
    this.kubelet = new Kubelet({ ...options, upstream: this.upstream, program })
    new JobController(options)
    new GarbageCollector(options)
    new NamespaceController(options)
  }
}
