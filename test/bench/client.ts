/**
 * Why `@kubernetes/client-node` is not on the hot path: the same reads of a Secret through it and through `src/kube`,
 * over TLS, each in a fresh process, three times; medians. Prints a Markdown table, or JSON with `--json`.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { answer, FakeApiServer } from '../support/fake-api-server.ts'
import type { ClientFigures } from './client-calls.ts'

const rounds = 3
const calls = 200

type Figures = ClientFigures & { readonly connections: number }

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

async function measure(
  client: 'client-node' | 'src/kube',
  server: FakeApiServer,
  kubeconfig: string,
): Promise<Figures> {
  const runs: Figures[] = []
  for (let round = 0; round < rounds; round++) {
    server.connections = 0
    const script = `${import.meta.dirname}/client-calls.ts`
    const child = spawn(process.execPath, [script, client, server.url, kubeconfig, String(calls)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const figures = (await json(child.stdout)) as ClientFigures
    runs.push({ ...figures, connections: server.connections })
  }
  const of = (name: keyof Figures) => median(runs.map((run) => run[name]))
  return {
    connections: of('connections'),
    cpuMsPerCall: of('cpuMsPerCall'),
    importMs: of('importMs'),
    importMb: of('importMb'),
    rssMb: of('rssMb'),
  }
}

const rows: readonly [string, keyof Figures, number][] = [
  [`TLS connections for ${calls} calls`, 'connections', 0],
  ['CPU per call, ms', 'cpuMsPerCall', 2],
  ['import, ms', 'importMs', 0],
  ['memory added by the import, MB', 'importMb', 0],
  [`resident memory after ${calls} calls, MB`, 'rssMb', 0],
]

function table(library: Figures, own: Figures): string {
  const lines = rows.map(([title, name, digits]) => [title, library[name].toFixed(digits), own[name].toFixed(digits)])
  return [['', '@kubernetes/client-node', 'src/kube'], ['---', '---:', '---:'], ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'a', namespace: 'ns', uid: 'u', resourceVersion: '1', labels: { app: 'bench' } },
  data: { username: 'YWRtaW4=', password: 'c2VjcmV0' },
}

await using server = await FakeApiServer.start((_, response) => {
  answer(response, 200, secret)
})
const directory = await mkdtemp(join(tmpdir(), 'bench-'))
try {
  const kubeconfig = join(directory, 'kubeconfig')
  const ca = Buffer.from(server.ca).toString('base64')
  await writeFile(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': ca } }],
      users: [{ name: 'u', user: { token: 'abc' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  )
  const library = await measure('client-node', server, kubeconfig)
  const own = await measure('src/kube', server, kubeconfig)
  console.log(
    process.argv.includes('--json')
      ? JSON.stringify({ calls, rounds, 'client-node': library, 'src/kube': own }, null, 2)
      : table(library, own),
  )
} finally {
  await rm(directory, { recursive: true })
}
