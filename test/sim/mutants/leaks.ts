import type { Mutant } from './mutant.ts'

/** Secret values where everybody can read them. */
export const leaks: readonly Mutant[] = [
  {
    name: 'payload-in-an-annotation',
    says: 'A version in custody bears its payload in an annotation.',
    pattern: 'leak',
    file: 'src/custody/versions.ts',
    find: 'annotations: custodyAnnotations(task, version.credentialsId),',
    replace:
      "annotations: { ...custodyAnnotations(task, version.credentialsId), 'last-applied': JSON.stringify(version.data) },",
  },
  {
    name: 'payload-in-the-log',
    says: 'The gateway logs what it hands over.',
    pattern: 'leak',
    file: 'src/operator.ts',
    find: 'if (elector.leading()) handOff.put(taskId, data)',
    replace: "logger.info({ taskId, data }, 'handed over')\n      if (elector.leading()) handOff.put(taskId, data)",
  },
  {
    name: 'request-in-the-error',
    says: 'An error that is logged carries the request that has failed, with the payload in base64.',
    pattern: 'leak',
    file: 'src/custody/versions.ts',
    find: 'custody.remember(await custody.api.create(Secrets, versionManifest(custody.namespace, task, version)))\n    return version\n  } catch (error) {\n    if (!isAlreadyExists(error)) throw error',
    replace:
      'custody.remember(await custody.api.create(Secrets, versionManifest(custody.namespace, task, version)))\n    return version\n  } catch (error) {\n' +
      '    if (!isAlreadyExists(error)) throw Object.assign(error as Error, { request: versionManifest(custody.namespace, task, version) })',
  },
  {
    name: 'payload-in-the-status',
    says: 'A delivery that is refused quotes what was to be delivered in a condition.',
    pattern: 'leak',
    file: 'src/custom-credential/effects/target-secret.ts',
    find: 'contents.version, ports.caches)) throw foreign(s, name)',
    replace: 'contents.version, ports.caches)) throw foreign(s, `${name} ${JSON.stringify(contents.payload)}`)',
  },
  {
    name: 'payload-in-an-event',
    says: 'The event of a new version quotes it.',
    pattern: 'leak',
    file: 'src/custom-credential/effects/deliver.ts',
    find: 'const manifest = targetManifest(delivery)',
    replace:
      "ports.events?.record({ regarding: { apiVersion: 'customcredentials.dev/v1alpha1', kind: 'CustomCredential', ...s.credential.metadata }, " +
      "type: 'Normal', reason: 'Delivering', action: 'Reconcile', note: JSON.stringify(payload) })\n  const manifest = targetManifest(delivery)",
  },
]
