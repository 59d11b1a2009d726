import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { asker } from '../../support/ask.ts'
import { selfSigned } from '../../support/self-signed.ts'

const folder = mkdtempSync(join(tmpdir(), 'custom-credentials-ask-'))
let server: Server | undefined

afterEach(() => {
  server?.close()
  server?.closeAllConnections()
  rmSync(folder, { recursive: true })
})

test('a request whose server dies in the midst of its answer fails: it does not wait for ever', async () => {
  const { key, cert } = await selfSigned()
  const caPath = join(folder, 'ca.crt')
  writeFileSync(caPath, cert)
  server = createServer({ key, cert }, (request, response) => {
    response.writeHead(200, { 'content-length': 1000 })
    response.write('{"items":', () => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await expect(
    asker({ url: `https://127.0.0.1:${port}`, caPath, adminToken: '' })('GET', '/api/v1/pods'),
  ).rejects.toThrow()
})
