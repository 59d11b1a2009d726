/** Fields of a pod template by which it refers to what lies in its namespace, or to rights that a namespace gives. */
const REFERENCES = new Set([
  'secretKeyRef',
  'configMapKeyRef',
  'secretRef',
  'configMapRef',
  'secret',
  'configMap',
  'nodePublishSecretRef',
  'secretProviderClass',
  'azureFile',
  'persistentVolumeClaim',
  'serviceAccountName',
  'serviceAccount',
  'imagePullSecrets',
  'resourceClaims',
])

/**
 * What a template refers to outside of itself, by field name. Such a template is not run in the revocation namespace: it
 * would fail there or, worse, find something that it was never given.
 */
export function needsOf(template: unknown): string[] {
  if (typeof template !== 'object' || template === null) return []
  const found = Object.entries(template).flatMap(([field, value]) => [
    ...(REFERENCES.has(field) ? [field] : []),
    ...needsOf(value),
  ])
  return [...new Set(found)]
}
