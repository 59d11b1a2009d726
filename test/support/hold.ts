import { flushCompileCache } from 'node:module'

/**
 * Loaded before the operator's own code (`node --import`): loads that code, and lets it run once it is told to on stdin.
 * If stdin ends without a word, the test has died, and nobody would ever end this process.
 */
await Promise.all([
  import('../../src/config.ts'),
  import('../../src/gateway/serving-certificate.ts'),
  import('../../src/kube/client.ts'),
  import('../../src/kube/credentials.ts'),
  import('../../src/observability/http.ts'),
  import('../../src/observability/logger.ts'),
  import('../../src/observability/metrics.ts'),
  import('../../src/operator.ts'),
  import('../../src/runtime/system-clock.ts'),
])
// Else only a process that comes to its end keeps what it has compiled: those that wait here are killed.
flushCompileCache()
setTimeout(flushCompileCache, 1000).unref()
let isReleased = false
for await (const _ of process.stdin) isReleased = true
if (!isReleased) process.exit()
