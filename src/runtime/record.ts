import * as v from 'valibot'

/** An object whose keys others have chosen, as it is: `v.record` would leave out those named `constructor` or `prototype`. */
export const recordOf = <const Value extends v.GenericSchema>(value: Value) =>
  v.custom<Readonly<Record<string, v.InferOutput<Value>>>>(
    (input) =>
      typeof input === 'object' &&
      input !== null &&
      !Array.isArray(input) &&
      Object.values(input).every((one) => v.is(value, one)),
    'must be an object',
  )
