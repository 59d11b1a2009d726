import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const FOLDER = new URL('../../api/', import.meta.url)
/** How the tests of the API tier open a namespace. */
const OPENED = /(?:tenant|midst|scene)\('([a-z0-9-]+)'/g

it('no two files of the API tier open one namespace: a control plane is handed on from file to file', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.test.ts'))
  const namesIn = (file: string) =>
    [...readFileSync(new URL(file, FOLDER), 'utf8').matchAll(OPENED)].map(([, name]) => name)
  const all = files.flatMap((file) => [...new Set(namesIn(file))])
  expect(all.length).toBeGreaterThan(50)
  expect(all.filter((name, nth) => all.indexOf(name) !== nth)).toEqual([])
})
