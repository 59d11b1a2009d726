import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../src/providers/postgres/settings.ts'

const inputs = { host: 'db.shop.svc', database: 'orders', role: 'orders_rw' }
const environment = { PGUSER: 'provisioner', PGPASSWORD: 'canary-4711' }

describe('settings of the PostgreSQL provider', () => {
  it('default to port 5432 and to a server that must prove its name', () => {
    expect(readSettings(inputs, environment)).toEqual({
      server: { host: 'db.shop.svc', port: 5432, database: 'orders', sslmode: 'verify-full', rootCert: undefined },
      admin: { user: 'provisioner', password: 'canary-4711' },
      role: 'orders_rw',
    })
  })

  it.each([
    ['host: is missing', { host: undefined }],
    ['host: is not a host name', { host: '/var/run/postgresql' }],
    ['port: is not a port', { port: '0' }],
    ['port: is not a port', { port: '5432; x' }],
    ['database: is empty', { database: '' }],
    ['role: is longer than 63 bytes', { role: 'ö'.repeat(32) }],
    ['role: holds a NUL', { role: 'a\0b' }],
    ['sslmode: is none of', { sslmode: 'prefer' }],
  ])('are refused by name: %s', (problem, change) => {
    expect(() => readSettings({ ...inputs, ...change }, environment)).toThrow(problem)
  })

  it('take the server from the environment where the provider fixes it', () => {
    const fixed = { ...environment, PGHOST: 'fixed.svc', PGPORT: '6432', PGDATABASE: 'only', PGSSLMODE: 'require' }
    const { server } = readSettings({ role: 'orders_rw' }, fixed)
    expect(server).toMatchObject({ host: 'fixed.svc', port: 6432, database: 'only', sslmode: 'require' })
  })

  it('let no credential lead the administrator to another server', () => {
    expect(() => readSettings(inputs, { ...environment, PGHOST: 'fixed.svc' })).toThrow('host: is set by the provider')
  })

  it('need the login of an administrator, and do not show it', () => {
    expect(() => readSettings(inputs, { PGPASSWORD: 'canary-4711' })).toThrow(/^PGUSER: /)
    expect(() => readSettings({ ...inputs, port: 'x' }, environment)).not.toThrow('canary-4711')
  })
})
