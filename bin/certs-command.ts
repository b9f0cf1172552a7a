import { InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import type { ExitCode } from '../core/fault.ts';
import { accessFilesOf, type CertificateReport, checkCertificates, noSecrets } from '../installer/index.ts';
import { printable, renderFault, renderTable } from '../ui/index.ts';
import { secretsAt } from './access-command.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { lookOf } from './print-lines.ts';
import { readRackPlace } from './read-rack-place.ts';
import type { World } from './world.ts';

interface CertsFlags {
  readonly state?: string;
  readonly warnDays: number;
  readonly output: 'table' | 'json' | 'yaml';
}

/** `rackwright certs`: every certificate that opens the cluster, and the days it has left. */
export const addCertsCommand: AddCommand = (program, { world, end }) => {
  program
    .command('certs')
    .description(
      'Lists every certificate of a cluster with the days that it has left; exit code 2 when one needs care.',
    )
    .argument('<rack-file>', 'the rack file of the cluster')
    .option('--warn-days <count>', 'how early to warn', parseDays, 30)
    .addOption(
      new Option('-o, --output <format>', 'how to show it').choices(['table', 'json', 'yaml']).default('table'),
    )
    .option('--state <directory>', 'where the journal and the sealed keys are kept')
    .action(async (rackPath: string, flags: CertsFlags) => {
      const code = await answer(world, async (): Promise<ExitCode> => {
        const place = await readRackPlace(rackPath, flags, world);
        const { spec } = place.rackFile;
        const accessFiles = accessFilesOf(spec, place.directory);
        const job = { secrets: secretsAt(place, world), accessFiles, warnDays: flags.warnDays };
        const report = await checkCertificates(job, world);
        // Nothing to list is not the same as nothing to fear.
        if (report.certificates.length + report.problems.length === 0)
          throw noSecrets({ rack: spec.name, path: job.secrets.path });
        tell(report, flags.output, world);
        const needsCare = report.problems.length > 0 || report.certificates.some(({ verdict }) => verdict !== 'good');
        return needsCare ? 2 : 0;
      });
      end(code);
    });
};

function tell(report: CertificateReport, output: CertsFlags['output'], { out, err, env }: World): void {
  const { isUtf8 } = lookOf({ env });
  const certificates = report.certificates.map(({ name, subject, notAfter, daysLeft, verdict }) => ({
    name,
    subject,
    notAfter: notAfter.toISOString(),
    daysLeft,
    verdict,
  }));
  const document = { apiVersion: 'rackwright.dev/v1alpha1', kind: 'CertificateList', items: certificates };
  if (output === 'json') out.write(`${JSON.stringify(document, undefined, 2)}\n`);
  else if (output === 'yaml') out.write(stringify(document));
  else {
    const rows = certificates.map((one) => [one.name, one.notAfter.slice(0, 10), String(one.daysLeft), one.verdict]);
    for (const line of renderTable(['CERTIFICATE', 'GOOD UNTIL', 'DAYS', 'VERDICT'], rows, { isUtf8 }))
      out.write(`${line}\n`);
  }
  for (const problem of report.problems)
    for (const line of renderFault(problem)) err.write(`${printable(line, { isUtf8 })}\n`);
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 0) throw new InvalidArgumentError('must be a number of days');
  return days;
}
