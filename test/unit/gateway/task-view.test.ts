import { expect, it } from 'vitest'
import { taskView } from '../../../src/gateway/task-view.ts'
import { aDeleteTask, aTask } from '../../support/task-run.ts'

it('a deletion names the version whose credentials it deletes, a creation none', () => {
  expect(taskView(aDeleteTask())).toMatchObject({ type: 'delete_credentials', secret_version_id: '1' })
  expect(taskView(aTask())).not.toHaveProperty('secret_version_id')
})
