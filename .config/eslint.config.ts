import { defineConfig } from 'eslint/config'
import type { Linter } from 'eslint'
import tseslint from 'typescript-eslint'

/** What a layer may import: `api` nothing but itself, `kube` and `runtime` only each other's ports and `api/meta`. */
const layer = (files: string[], forbidden: string[], why: string): Linter.Config => ({
  files,
  rules: {
    'no-restricted-imports': ['error', { patterns: [{ group: forbidden, message: why }] }],
  },
})

export default defineConfig(
  { ignores: ['**/dist/**', '**/node_modules/**', 'src/api/generated.ts', 'test/run/start.mjs'] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: `${import.meta.dirname}/..` } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // Each `?.` and `??` counts.
      complexity: ['error', 13],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true }],
      // Time, timers and randomness are injected (src/runtime/clock.ts), so that a simulated world can replay a schedule.
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Use the injected Clock.' },
        { object: 'Math', property: 'random', message: 'Use the injected Random.' },
        { object: 'performance', property: 'now', message: 'Use the injected Clock.' },
      ],
    },
  },
  layer(['src/api/**'], ['../kube/*', '../runtime/*', '../*/**'], '`api` is data: it imports nothing of ours.'),
  layer(
    ['src/kube/**', 'src/runtime/**'],
    ['../custom-credential/*', '../secret-task/*', '../gateway/*', '../custody/*', '../main*', '../config*'],
    '`kube` and `runtime` know no kind of ours.',
  ),
  layer(
    [
      'src/custom-credential/{creation,delivery,revocation,status}/**',
      'src/**/{decide,ledger,obligations,schedule,keep,wind-down,steps,job}.ts',
    ],
    [
      ...['**/kube/*', '!**/kube/port.ts', '**/runtime/*', '**/gateway/*', '**/effects/*', '**/caches.ts'],
      ...['**/observe.ts', '**/controller.ts', '**/act.ts', 'node:*', '!node:crypto'],
    ],
    'Decisions are pure: a value in, a value out.',
  ),
  { files: ['test/**', 'crds/**'], rules: { 'max-params': 'off' } },
  // The Kubernetes client declares its request bodies as classes and takes plain objects, as its documentation shows.
  { files: ['test/**'], rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' } },
)
