// The import arrows of ARCHITECTURE.md. A folder of core may import itself and what stands beside it here, nothing else.
const shared = ['define', 'channels', 'toolkit', 'spec'];
const flow = ['plan', 'lifecycle', 'render', 'rules', ...shared];
const core = {
  'index.ts': ['engine.ts', 'sequences', ...shared],
  'adapter.ts': shared,
  'queue.ts': ['toolkit', 'spec'],
  'engine.ts': ['accept', 'deliver', 'feedback', 'sequences', 'manage', 'webhooks', ...flow],
  accept: ['sequences', ...flow],
  deliver: ['sequences', ...flow],
  feedback: ['sequences', ...flow],
  sequences: flow,
  manage: flow,
  webhooks: ['plan', 'rules', ...shared],
  plan: ['render', 'sequences', 'rules', ...shared],
  define: ['sequences', 'channels', 'rules', 'toolkit', 'spec'],
  channels: ['rules', 'toolkit', 'spec'],
  lifecycle: ['spec'],
  render: ['spec'],
  rules: ['spec'],
  toolkit: ['spec'],
  spec: [],
};

const src = '^packages/core/src/';
const tests = '\\.(test|test-d)\\.ts$|/test/';
const at = (names) =>
  `${src}(${names.map((name) => (name.endsWith('.ts') ? `${name.replace('.', '\\.')}$` : `${name}/`)).join('|')})`;
const error = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const entry = {
  index: 'core/src/index\\.ts$',
  spec: 'core/src/spec/index\\.ts$',
  adapter: 'core/src/adapter\\.ts$',
  queue: 'core/src/queue\\.ts$',
};
const mayImport = (packages, entries) =>
  error(
    `${packages}-imports`.replace(/\W+/g, '-'),
    `of the other packages, ${packages} may import only ${entries.join(', ') || 'none'}`,
    { path: `^packages/(${packages})/src/`, pathNot: tests },
    { path: '^packages/', pathNot: `^packages/($1/${entries.map((name) => `|${entry[name]}`).join('')})` },
  );

module.exports = {
  forbidden: [
    error('no-cycle', 'modules must not import each other in a circle, types included', {}, { circular: true }),
    error('no-unresolved', 'the imported module was not found', {}, { couldNotResolve: true }),
    error('no-tests-in-source', 'only tests may import tests', { path: '^packages/', pathNot: tests }, { path: tests }),
    error(
      'no-development-dependency',
      'what the source imports when it runs must be a dependency or a peer',
      { path: '^packages/[^/]+/src/', pathNot: tests },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'npm', 'type-only'] },
    ),
    ...Object.entries(core).map(([name, allowed]) =>
      error(
        `core-${name.replace('.ts', '')}`,
        `packages/core/src/${name} may import only ${allowed.join(', ') || 'nothing'}`,
        { path: at([name]), pathNot: tests },
        { path: src, pathNot: at([name, ...allowed]) },
      ),
    ),
    error(
      'core-known-folders',
      'a new folder of core needs its arrows here first',
      { path: src, pathNot: [at(Object.keys(core)), tests] },
      {},
    ),
    error(
      'spec-imports-nothing',
      'the spec holds interfaces, nouns and errors: no package, no Node module',
      { path: at(['spec']), pathNot: tests },
      { pathNot: at(['spec']), dependencyTypesNot: ['type-only'] },
    ),
    error(
      'core-imports-no-package',
      'core is the root',
      { path: src, pathNot: tests },
      { path: '^packages/', pathNot: src },
    ),
    mayImport('adapter-[^/]+', ['adapter']),
    mayImport('store-[^/]+', ['spec']),
    mayImport('queue-[^/]+', ['queue']),
    mayImport('testing|rest', ['index', 'spec', 'adapter']),
    mayImport('dashboard', []),
  ],
  options: {
    tsPreCompilationDeps: true,
    exclude: { path: '^(packages|examples)/[^/]+/dist/' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'types', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
