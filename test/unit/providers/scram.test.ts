import { expect, it } from 'vitest'
import { scramVerifier } from '../../../src/providers/postgres/scram.ts'

it('a SCRAM verifier is that of the example in RFC 7677', () => {
  expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
})

it('two verifiers of one password differ by their salt', () => {
  expect(scramVerifier('pencil')).not.toBe(scramVerifier('pencil'))
})
