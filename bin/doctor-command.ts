import { dirname } from 'node:path';
import { Option } from 'commander';
import { stringify } from 'yaml';
import type { ExitCode } from '../core/fault.ts';
import { defineFault, Fault } from '../core/fault.ts';
import { seconds } from '../core/millis.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import {
  askServers,
  describeAnswer,
  type Finding,
  judgeAnswers,
  judgeHost,
  readAnswer,
  type ServerAnswer,
} from '../pxe/index.ts';
import { renderTable } from '../ui/index.ts';
import { answer } from './answer.ts';
import { assetCacheOf } from './cache-paths.ts';
import type { AddCommand } from './cli.ts';
import { lookOf } from './print-lines.ts';
import { readHostFacts } from './read-host-facts.ts';
import { readRackPlace } from './read-rack-place.ts';
import { stateDirectoryOf } from './state-paths.ts';
import type { World } from './world.ts';

interface DoctorFlags {
  readonly interface?: string;
  readonly state?: string;
  readonly output: 'table' | 'json' | 'yaml';
}

const noInterface = defineFault('bin/no-interface', {
  kind: 'operator',
  exitCode: 4,
  title: () => 'Nobody said which network to look at',
  state: () => 'Nothing was asked.',
  remedy: () => 'Name a rack file, or the interface to the machines with --interface.',
});

/** EDK2 collects offers for about 3.5 s; a DHCP server that pings an address first takes some of that. */
const patience = seconds(4);

/** `rackwright doctor boot`: who answers machines that boot on this network, and what of this host is in the way. */
export const addDoctorCommand: AddCommand = (program, { world, end }) => {
  program
    .command('doctor')
    .description('Looks for what keeps machines from booting.')
    .command('boot')
    .description('Asks as a booting machine who answers, and looks at ports, firewall, routes, files, space and clock.')
    .argument('[rack-file]', 'the rack file whose network is looked at')
    .option('--interface <name>', 'the interface to the machines; that of the rack file when left out')
    .addOption(
      new Option('-o, --output <format>', 'how to show it').choices(['table', 'json', 'yaml']).default('table'),
    )
    .option('--state <directory>', 'where the journal and the sealed keys are kept')
    .action(async (rackPath: string | undefined, flags: DoctorFlags) => {
      const code = await answer(world, async (): Promise<ExitCode> => {
        const place = rackPath === undefined ? undefined : await readRackPlace(rackPath, flags, world);
        const spec = place?.rackFile.spec;
        const name = flags.interface ?? spec?.network.interface;
        if (name === undefined) throw noInterface(undefined);
        const link = world.network.interfaces().find((one) => one.name === name);
        const ours = world.network.interfaces().flatMap(({ ipv4 }) => ipv4.map(({ address }) => address));
        const stateDirectory = place?.stateDirectory ?? dirname(stateDirectoryOf('any', world.env));
        const facts = await readHostFacts(
          { spec, link, stateDirectory, directory: place?.directory ?? '.', cacheDirectory: assetCacheOf(world.env) },
          world,
        );
        const asked = await ask(link?.ipv4[0]?.address, world);
        const findings = [
          ...asked.findings,
          ...judgeAnswersOf(asked.answers, ours, spec?.boot.dhcp),
          ...judgeHost(facts),
        ];
        tell({ answers: asked.answers ?? [], findings }, flags.output, world);
        return findings.some(({ verdict }) => verdict === 'fail') ? 2 : 0;
      });
      end(code);
    });
};

const judgeAnswersOf = (
  answers: readonly ServerAnswer[] | undefined,
  ...of: [ours: readonly string[], dhcp: RackSpec['boot']['dhcp'] | undefined]
) => (answers === undefined ? [] : judgeAnswers(answers, ...of));

/** Asking needs a privileged port, which somebody else may have: then nothing is known of the other servers. */
async function ask(
  address: string | undefined,
  world: World,
): Promise<{ readonly answers?: readonly ServerAnswer[]; readonly findings: readonly Finding[] }> {
  if (address === undefined) return { findings: [] };
  try {
    return { answers: await askServers({ ...world, address, patience }), findings: [] };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const { message: says, remedy } = thrown;
    return {
      findings: [{ id: 'boot/dhcp-server', verdict: 'unknown', says: `Nobody could be asked: ${says}`, remedy }],
    };
  }
}

function tell(
  { answers, findings }: { answers: readonly ServerAnswer[]; findings: readonly Finding[] },
  output: DoctorFlags['output'],
  { out, env }: World,
): void {
  const look = lookOf({ env });
  const rows = answers.map((one) => ({ ...readAnswer(one), askedAs: one.asker.name, firmware: describeAnswer(one) }));
  const document = { apiVersion: 'rackwright.dev/v1alpha1', kind: 'BootDiagnosis', answers: rows, findings };
  if (output === 'json') out.write(`${JSON.stringify(document, undefined, 2)}\n`);
  else if (output === 'yaml') out.write(stringify(document));
  else {
    const cells = rows.map((row) => [
      row.server,
      row.askedAs,
      row.offeredAddress ?? '-',
      row.bootFile ?? '-',
      row.firmware,
    ]);
    if (cells.length > 0) {
      const head = ['SERVER', 'ASKED AS', 'ADDRESS', 'BOOT FILE', 'WHAT THE FIRMWARE DOES'];
      out.write(`${renderTable(head, cells, look).join('\n')}\n\n`);
    }
    const lines = findings.map(({ id, verdict, says }) => [verdict, id, says]);
    out.write(`${renderTable(['VERDICT', 'FINDING', 'WHAT WAS SEEN'], lines, look).join('\n')}\n`);
    const remedies = findings.flatMap(({ id, remedy }) => (remedy === undefined ? [] : [[id, remedy]]));
    if (remedies.length > 0) out.write(`\n${renderTable(['FINDING', 'WHAT TO DO'], remedies, look).join('\n')}\n`);
  }
}
