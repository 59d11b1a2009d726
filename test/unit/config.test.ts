import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({
      namespace: 'custom-credentials-system',
      revocationNamespace: 'custom-credentials-revocation',
      gateway: { port: 8443, url: 'https://task-gateway.custom-credentials-system.svc' },
      httpPort: 8080,
      logLevel: 'info',
      workers: 16,
      maxRunningTasks: 100,
    })
  })

  it('names the gateway after the operator’s namespace, and its certificate after all names by which it is called', () => {
    const { gateway } = readConfig({ POD_NAMESPACE: 'creds', GATEWAY_URL: 'https://10.0.0.1:9443/ignored' })
    expect(gateway).toMatchObject({
      url: 'https://10.0.0.1:9443',
      names: ['task-gateway.creds.svc', 'task-gateway.creds.svc.cluster.local', '10.0.0.1'],
    })
  })

  it('is for the cluster that the process runs in', () => {
    const config = readConfig({ KUBERNETES_SERVICE_HOST: '10.96.0.1' })
    expect(config.cluster).toMatchObject({ host: '10.96.0.1', port: '443' })
  })

  it('is for another cluster only if a kubeconfig names it', () => {
    const config = readConfig({ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBECONFIG: '/kubeconfig' })
    expect(config.cluster).toEqual({ kubeconfig: '/kubeconfig' })
  })

  it('distinguishes processes that have no name', () => {
    expect(readConfig({}).identity).toContain(String(process.pid))
    expect(readConfig({ POD_NAME: 'operator-0' }).identity).toBe('operator-0')
  })

  it.each([
    ['GATEWAY_PORT', 'https'],
    ['HTTP_PORT', '65536'],
    ['HTTP_PORT', '-1'],
    ['WORKERS', '0'],
    ['WORKERS', '1.5'],
    ['LOG_LEVEL', 'loud'],
    ['GATEWAY_URL', 'task-gateway'],
    ['CLOCK_RATE', '0'],
    ['CLOCK_RATE', '1.5'],
    ['CLOCK_EPOCH', 'yesterday'],
  ])('that is wrong stops the process, and is named: %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(name)
  })

  it('lets time pass as it does, unless a trial says otherwise', () => {
    expect(readConfig({}).acceleration).toBeUndefined()
    expect(readConfig({ CLOCK_RATE: '1' }).acceleration).toBeUndefined()
    const acceleration = { rate: 30_000, since: Date.UTC(2026, 10, 30, 12) }
    expect(readConfig({ CLOCK_RATE: '30000', CLOCK_EPOCH: '2026-11-30T12:00:00Z' })).toMatchObject({ acceleration })
  })

  it('does not let replicas count from different moments', () => {
    expect(() => readConfig({ CLOCK_RATE: '30000' })).toThrow(/CLOCK_EPOCH: must be set/)
  })

  it('names everything that is wrong', () => {
    expect(() => readConfig({ WORKERS: '0', LOG_LEVEL: 'loud' })).toThrow(/LOG_LEVEL.*WORKERS|WORKERS.*LOG_LEVEL/)
  })
})
