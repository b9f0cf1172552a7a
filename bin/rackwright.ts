#!/usr/bin/env node
// React draws faster, and says nothing to developers, when this is set before it is loaded.
process.env['NODE_ENV'] ??= 'production';

// The packages below need it; said before they are loaded, because they say it worse.
const oldest = 24;
if (Number(process.versions.node.split('.')[0]) < oldest) {
  console.error(`Rackwright needs Node ${oldest}, and this is ${process.versions.node}.`);
  console.error('npm brings the right one with it: npm run rackwright -- up rack.yaml');
  process.exit(1);
}

const { nodeWorld } = await import('./node-world.ts');
const { runCli } = await import('./run-cli.ts');

// A connection that was given up may hold the process for seconds; everything that matters has been closed and written.
process.exit(await runCli(process.argv.slice(2), nodeWorld));
