// `npm run demo`: the operator at work on a real cluster, from nothing to a summary.
import { perform } from './perform.ts'
import { runDemo } from './run-demo.ts'
import { flawsOf, render } from './summary.ts'

const NEXT_STEPS = `
  kubectl config set-context --current --namespace shop
  kubectl get ccred,stask,jobs,secrets --sort-by=.metadata.creationTimestamp
  kubectl describe ccred orders-db
  kubectl annotate ccred orders-db --overwrite customcredentials.dev/rotate-requested-at=$(date +%s)
  kubectl logs --follow deployment/orders
  kubectl delete ccred orders-db          # the roles go, then the object; the application is locked out
  kubectl get orphans                     # what could not be revoked, if anything
`

await perform({
  command: 'npm run demo',
  description:
    'Starts a Kubernetes cluster with the operator, PostgreSQL and an application in it, and shows the life of a credential.',
  nextSteps: NEXT_STEPS,
  play: async (demo) => {
    const summary = await runDemo(demo)
    return { summary, text: render(summary), flaws: flawsOf(summary) }
  },
})
