/** Which way imports may go: the table of CONTRIBUTING.md, checked by a machine. */
const rooms = ['core', 'pxe', 'talos', 'cluster', 'installer', 'agent', 'ui', 'bin', 'test'];
const mayImport = {
  core: [],
  pxe: ['core'],
  talos: ['core'],
  cluster: ['core'],
  installer: ['core', 'pxe', 'talos', 'cluster'],
  agent: ['core', 'pxe', 'talos', 'cluster'],
  ui: ['core'],
};
const unitTest = '\\.test\\.tsx?$';

const arrows = Object.entries(mayImport).map(([room, allowed]) => ({
  name: `${room}-imports-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: unitTest },
  to: { path: `^(${rooms.filter((other) => other !== room && !allowed.includes(other)).join('|')})/` },
}));

const onlyIn = (name, packages, places) => ({
  name,
  severity: 'error',
  from: { path: `^(${rooms.join('|')})/`, pathNot: [`^(${places.join('|')})(/|$)`, '^test/', unitTest] },
  to: { path: packages },
});

export default {
  forbidden: [
    ...arrows,
    {
      name: 'test-lab-only-in-the-demo',
      severity: 'error',
      from: { path: '^bin/', pathNot: ['^bin/demo\\.ts$', unitTest] },
      to: { path: '^test/' },
    },
    onlyIn('ink-and-react-only-in-ui', 'node_modules/(ink|react|@inkjs)/', ['ui']),
    onlyIn('grpc-only-in-talos', 'node_modules/@grpc/', ['talos']),
    onlyIn('kubernetes-client-only-in-cluster', 'node_modules/@kubernetes/', ['cluster']),
    // The demo is no part of the product: it stands beside it and plays the rack.
    onlyIn('sockets-files-and-processes-only-in-platform', '^(node:)?(dgram|fs|fs/promises|child_process)$', [
      'bin/platform',
      'bin/demo.ts',
    ]),
    { name: 'no-cycles', severity: 'error', from: { pathNot: '^talos/gen/' }, to: { circular: true } },
    {
      name: 'core-imports-zod-only',
      severity: 'error',
      from: { path: '^core/', pathNot: unitTest },
      to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
    exclude: { path: 'dist/' },
  },
};
