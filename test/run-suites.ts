import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Suite, suites } from './suites.ts';

/**
 * `npm test [SUITE …]`: runs the suites one after another, names each that it had to leave out and why, and ends with a
 * line that counts. With CI=true leaving out is failing.
 */
interface Count {
  readonly passed: number;
  readonly failed: number;
}

const isCi = process.env['CI'] === 'true';
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}; there are ${suites.map(({ name }) => name).join(', ')}.`);
  process.exit(4);
}

const leftOut: string[] = [];
let total: Count = { passed: 0, failed: 0 };
const add = ({ passed, failed }: Count) => {
  total = { passed: total.passed + passed, failed: total.failed + failed };
};

for (const suite of suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const missing = suite.needs.filter((need) => !need.isThere()).map(({ what, from }) => `${what} (from ${from})`);
  if (missing.length > 0) {
    leftOut.push(`${suite.name} (${suite.proves}): missing ${missing.join(', ')}`);
    continue;
  }
  console.log(`\n=== ${suite.name}: ${suite.proves}`);
  add(await run(suite));
}

if (leftOut.length > 0) console.log(`\nLeft out${isCi ? ', which fails with CI=true' : ''}:`);
for (const line of leftOut) console.log(`  ${line}`);
if (isCi) add({ passed: 0, failed: leftOut.length });
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function run({ runs, limitMinutes }: Suite): Promise<Count> {
  if ('project' in runs) return runVitest(runs.project, limitMinutes);
  const results: number[] = [];
  for (const command of runs.commands) {
    const code = await exec(command, limitMinutes);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${command.join(' ')}`);
    results.push(code);
  }
  const failed = results.filter((code) => code !== 0).length;
  return { passed: results.length - failed, failed };
}

async function runVitest(project: string, limitMinutes: number): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'rackwright-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const code = await exec(['vitest', 'run', '--project', project, ...reporters], limitMinutes);
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(report, 'utf8'),
    ) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numTodoTests: number;
    };
    // A skipped test proves nothing; a file that could not be loaded has no test that could fail.
    const skipped = numPendingTests + numTodoTests;
    const failed = numFailedTests + (isCi ? skipped : 0);
    return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
  } catch (thrown) {
    console.error(`The suite ${project} gave no report: ${String(thrown)}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The exit code; of a command that was ended at its limit, one that no command gives. */
function exec([command = '', ...args]: readonly string[], limitMinutes: number): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(join('node_modules', '.bin', command), args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const limit = setTimeout(() => {
      console.error(`\n${command} ${args.join(' ')}: still running after ${limitMinutes} minutes, and ended`);
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
    }, limitMinutes * 60_000);
    const end = (code: number) => {
      clearTimeout(limit);
      resolve(code);
    };
    child.on('error', () => end(127));
    child.on('exit', (code) => end(code ?? 124));
  });
}
