/**
 * The codes of errors that the kit reports by itself, beside those that a provider names in a `ProviderError`. `npm run generate` makes
 * the README's table from it.
 */
export const KIT_ERRORS = {
  ProviderFailed: {
    means: 'The provider has thrown what is no `ProviderError`. Its text may hold a secret, and is not told.',
    remedy: 'See the log of its pod, which says where; have the provider tell such a case by a `ProviderError`.',
  },
  InvalidCredentials: {
    means:
      'What the provider made has no ID, or an output that is no string, boolean or whole number. It was deleted again.',
    remedy: 'Correct the provider.',
  },
  VerificationFailed: {
    means: 'What was made does not work, as the provider has tried. It was deleted again.',
    remedy: 'Do what the description says, or see the log of its pod.',
  },
  SecretInputUnavailable: {
    means: 'A Secret of `spec.secretParameters` can not be read: it is gone, too large, or not named.',
    remedy: 'Create it, or name another in `spec.secretParameters`.',
  },
  FindNotSupported: {
    means: 'The provider can not look for what a task has made, though its `spec.capabilities` says `find`.',
    remedy: 'Take `find` out of `spec.capabilities`, or give the provider a function `find`.',
  },
} as const

export type KitErrorCode = keyof typeof KIT_ERRORS
