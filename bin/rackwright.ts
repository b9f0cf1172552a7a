#!/usr/bin/env node
// React draws faster, and says nothing to developers, when this is set before it is loaded.
process.env['NODE_ENV'] ??= 'production';

const { nodeWorld } = await import('./node-world.ts');
const { runCli } = await import('./run-cli.ts');

// A connection that was given up may hold the process for seconds; everything that matters has been closed and written.
process.exit(await runCli(process.argv.slice(2), nodeWorld));
