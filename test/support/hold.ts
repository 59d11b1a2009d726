/**
 * Loaded before the operator's own code (`node --import`): loads that code, and lets it run once it is told to on stdin.
 * If stdin ends without a word, the test has died, and nobody would ever end this process.
 */
await import('../../src/operator.ts')
await import('../../src/kube/client.ts')
let isReleased = false
for await (const _ of process.stdin) isReleased = true
if (!isReleased) process.exit()
