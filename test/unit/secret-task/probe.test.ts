import { expect, it } from 'vitest'
import { Pods } from '../../../src/api/resources.ts'
import { jobManifest } from '../../../src/secret-task/job.ts'
import { refusalOfPod } from '../../../src/secret-task/probe.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { aTask } from '../../support/task-run.ts'

it('the probe bears what a policy may ask of the pod, and none of our own labels', async () => {
  const api = new FakeApi()
  const metadata = { labels: { team: 'orders' }, annotations: { 'example.com/cost-center': '7' } }
  const template = { metadata, spec: { containers: [{ name: 'provider', image: 'provider:dev' }] } }
  const job = jobManifest({ task: aTask(), template, gateway: { url: 'https://gateway', ca: '' } })
  expect(await refusalOfPod(api, job)).toBeUndefined()
  const [pod] = api.all(Pods)
  expect(pod?.metadata.labels).toMatchObject(metadata.labels)
  expect(pod?.metadata.annotations).toMatchObject(metadata.annotations)
  expect(Object.keys(pod?.metadata.labels ?? {}).filter((name) => name.includes('customcredentials.dev'))).toEqual([])
})
