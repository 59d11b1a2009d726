import { describe, expect, it } from 'vitest'
import { createTaskId, deleteTaskId } from '../../../src/api/task-id.ts'
import { CREDENTIAL_UID as uid } from '../../support/task-run.ts'

const first = createTaskId(uid, { version: 1, attempt: 1 })

describe('a task ID', () => {
  it('is derived: the same run has the same, before and after a crash', () => {
    expect(createTaskId(uid, { version: 1, attempt: 1 })).toBe(first)
  })

  it('has IBM’s form and is the name of a Job', () => {
    expect(first).toMatch(/^sm-task-[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('is shared by no two runs', () => {
    const another = '6f1c3a52-27d0-4a35-9b0e-3f4f5be2c002'
    const ids = [
      first,
      createTaskId(uid, { version: 1, attempt: 2 }),
      createTaskId(uid, { version: 2, attempt: 1 }),
      createTaskId(uid, { version: 11, attempt: 1 }),
      createTaskId(uid, { version: 1, attempt: 11 }),
      createTaskId(another, { version: 1, attempt: 1 }),
      deleteTaskId(uid, { originTaskId: first, attempt: 1 }),
      deleteTaskId(uid, { originTaskId: first, attempt: 2 }),
      deleteTaskId(uid, { originTaskId: first, credentialsId: 'role', attempt: 1 }),
      deleteTaskId(another, { originTaskId: first, credentialsId: 'role', attempt: 1 }),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })
})
