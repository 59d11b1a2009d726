import type { Key, Resource } from '../../../src/api/meta.ts'
import { ApiError } from '../../../src/kube/errors.ts'

const named = (resource: Resource, key: Key): string => `${resource.plural} "${key.name}"`

export const notFound = (resource: Resource, key: Key): ApiError =>
  new ApiError('NotFound', `${named(resource, key)} not found`, { code: 404 })

export const alreadyExists = (resource: Resource, key: Key): ApiError =>
  new ApiError('AlreadyExists', `${named(resource, key)} already exists`, { code: 409 })

export const conflict = (resource: Resource, key: Key, why: string): ApiError =>
  new ApiError('Conflict', `Operation cannot be fulfilled on ${named(resource, key)}: ${why}`, { code: 409 })

export const namespaceTerminating = (resource: Resource, key: Key): ApiError =>
  new ApiError('Forbidden', `${named(resource, key)} is forbidden: its namespace is being terminated`, {
    code: 403,
    causes: ['NamespaceTerminating'],
  })

export const badRequest = (message: string): ApiError => new ApiError('BadRequest', message, { code: 400 })

export const invalid = (message: string): ApiError => new ApiError('Invalid', message, { code: 422 })

export const expired = (revision: number): ApiError =>
  new ApiError('Expired', `too old resource version: ${revision}`, { code: 410 })
