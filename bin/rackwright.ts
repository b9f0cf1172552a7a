#!/usr/bin/env node
import { nodeWorld } from './node-world.ts';
import { runCli } from './run-cli.ts';

process.exitCode = await runCli(process.argv.slice(2), nodeWorld);
