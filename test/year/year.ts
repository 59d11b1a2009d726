// `npm run year`: ten credentials live a year on a real cluster, in eighteen minutes.
import { perform } from '../demo/perform.ts'
import { runYear } from './run-year.ts'
import { flawsOf, render } from './summary.ts'

const NEXT_STEPS = `
  kubectl config set-context --current --namespace shop
  kubectl get ccred,stask --sort-by=.status.finishedAt
  kubectl describe ccred orders
  kubectl logs --follow deployment/orders
  kubectl patch ccred orders --type merge --patch '{"spec":{"suspend":null}}'   # it lives on: a day in three seconds
`

await perform({
  command: 'npm run year',
  description:
    'Starts a Kubernetes cluster with the operator, PostgreSQL and an application in it, and lets ten credentials live a year in eighteen minutes.',
  nextSteps: NEXT_STEPS,
  play: async (demo) => {
    const summary = await runYear(demo)
    return { summary, text: render(summary), flaws: flawsOf(summary) }
  },
})
