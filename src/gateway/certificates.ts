import { X509Certificate as ParsedCertificate, type webcrypto } from 'node:crypto'
import 'reflect-metadata' // what the X.509 library's dependency injection needs; it has to come first
import * as x509 from '@peculiar/x509'

/** A certificate with its private key, both PEM, and when it is valid (milliseconds since the epoch). */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
  readonly notBefore: number
  readonly notAfter: number
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Certificates are valid from a little before they are made: the clocks of nodes differ. */
const BACKDATED_MS = 5 * 60_000

const wholeSeconds = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000)

/** A certificate authority, valid for `lifeMs` from `now`. It signs servers' certificates and nothing below them. */
export async function createAuthority(now: number, lifeMs: number): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=custom-credentials-operator task gateway',
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: wholeSeconds(now - BACKDATED_MS),
    notAfter: wholeSeconds(now + lifeMs),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return await keyPair(certificate, keys.privateKey)
}

/** A server's certificate for `names`, signed by `authority`, which it does not outlive. */
export async function issueServerCertificate(
  authority: KeyPair,
  names: readonly string[],
  { now, lifeMs }: { readonly now: number; readonly lifeMs: number },
): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificate)
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const pkcs8 = x509.PemConverter.decodeFirst(authority.key)
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=task-gateway',
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    signingAlgorithm: ALGORITHM,
    notBefore: wholeSeconds(now - BACKDATED_MS),
    notAfter: wholeSeconds(Math.min(now + lifeMs, authority.notAfter)),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return await keyPair(certificate, keys.privateKey)
}

async function keyPair(certificate: x509.X509Certificate, privateKey: webcrypto.CryptoKey): Promise<KeyPair> {
  return {
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY'),
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
  }
}

/** What was made before, read back. Throws where `certificate` is none. */
export function readKeyPair(certificate: string, key: string): KeyPair {
  const { validFromDate, validToDate } = new ParsedCertificate(certificate)
  return { certificate, key, notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() }
}
