import tseslint from 'typescript-eslint';

/** Reading the world is for bin/platform; everybody else asks for a port. */
const worldGlobals = ['Date', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'process'].map((name) => ({
  name,
  message: 'Ask for a port of core/ports.ts instead.',
}));

export default tseslint.config(
  { ignores: ['dist', 'talos/gen', 'node_modules', 'coverage', '*.config.*', '.dependency-cruiser.mjs'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      eqeqeq: 'error',
      'no-restricted-globals': ['error', ...worldGlobals],
    },
  },
  {
    files: ['bin/**', 'test/**', '**/*.test.ts', '**/*.test.tsx'],
    rules: {
      'no-restricted-globals': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
