import { annotation } from '../../api/labels.ts'
import type { KubeObject } from '../../api/meta.ts'
import { cut } from '../../api/text.ts'

/** What people ask for a rotation with, or what a task answers of it, as far as the status has room for it. */
export function rotateRequestOf({ metadata }: KubeObject): string | undefined {
  const request = metadata.annotations?.[annotation.rotateRequestedAt]
  return request === undefined ? undefined : cut(request, 1024)
}
