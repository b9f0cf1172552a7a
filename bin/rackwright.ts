#!/usr/bin/env node
// React draws faster, and says nothing to developers, when this is set before it is loaded.
process.env['NODE_ENV'] ??= 'production';

const { nodeWorld } = await import('./node-world.ts');
const { runCli } = await import('./run-cli.ts');

process.exitCode = await runCli(process.argv.slice(2), nodeWorld);
