import { v5 as uuidv5 } from 'uuid'

/**
 * The ID under which a run reads a Secret that its credential names (an input of type `secret_id`). Derived, so that a Secret
 * that is made anew under the name keeps it. It tells nothing and grants nothing: it is only ever compared with the IDs of
 * what a task names.
 */
export const inputId = (credentialUid: string, secretName: string): string =>
  uuidv5(`secret_id/${secretName}`, credentialUid)
