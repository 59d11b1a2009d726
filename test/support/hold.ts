/** Loaded before the operator's own code (`node --import`): loads that code, and lets it run once stdin has ended. */
await import('../../src/operator.ts')
await import('../../src/kube/client.ts')
for await (const _ of process.stdin) {
  // Only the end counts.
}
