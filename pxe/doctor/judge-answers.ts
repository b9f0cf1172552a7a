import type { RackSpec } from '../../core/rack-spec.ts';
import type { ServerAnswer } from './ask-servers.ts';
import { type AnswerFacts, readAnswer } from './describe-answer.ts';
import type { Finding } from './finding.ts';

/**
 * What the servers of a network mean for machines that are to boot from us. `ours` are the addresses of this host, `dhcp` is
 * `boot.dhcp` of the rack file where there is one.
 */
export function judgeAnswers(
  answers: readonly ServerAnswer[],
  ours: readonly string[],
  dhcp?: RackSpec['boot']['dhcp'],
): Finding[] {
  const read = answers.map((answer) => ({ answer, facts: readAnswer(answer) }));
  const foreign = read.filter(({ facts }) => !ours.includes(facts.server));
  return [
    ...judgeAddresses(read.map(({ facts }) => facts)),
    ...perServer(
      foreign.filter(({ answer, facts }) => answer.asker.transport === 'pxe' && isBareClass(facts)),
      (server) => judgeBareClass(server, dhcp === 'firmware'),
    ),
    ...perServer(
      foreign.filter(({ facts }) => facts.offeredAddress === undefined && facts.bootFile !== undefined),
      (server, { bootFile = '' }) => ({
        id: 'boot/second-proxy',
        verdict: 'fail',
        says: `${server} is a second boot server: it offers ${bootFile}, and machines take whoever is first`,
        remedy: `Stop the boot service at ${server}, or keep it from this network.`,
      }),
    ),
    ...perServer(
      foreign.filter(({ facts }) => facts.offeredAddress !== undefined && boots(facts)),
      (server, { bootFile = '' }) => ({
        id: 'boot/foreign-boot-file',
        verdict: 'fail',
        says: `${server} gives addresses and tells machines to boot ${bootFile}: they will not boot from us`,
        remedy: `Take options 43, 60, 66 and 67 out of the DHCP server ${server}.`,
      }),
    ),
    ...perServer(
      foreign.filter(
        ({ facts }) =>
          facts.offeredAddress !== undefined && facts.vendorClass === undefined && facts.bootFile !== undefined,
      ),
      (server, { bootFile = '' }) => ({
        id: 'boot/stale-boot-file',
        verdict: 'warn',
        says: `${server} names a boot file (${bootFile}) in its DHCP answers: UEFI machines pass over it while we answer, other firmware may not`,
        remedy: `Take options 66 and 67 (next-server, filename) out of the DHCP server ${server}.`,
      }),
    ),
    ...perServer(
      foreign.filter(({ facts }) => !facts.hasServerIdentifier),
      (server) => ({
        id: 'boot/no-server-identifier',
        verdict: 'warn',
        says: `${server} answers without a server identifier (option 54): UEFI machines do not hear it`,
        remedy: `Have the server at ${server} send option 54, or let another one give addresses.`,
      }),
    ),
  ];
}

const boots = ({ vendorClass, bootFile, skipsDiscovery }: AnswerFacts) =>
  bootFile !== undefined && (vendorClass === 'HTTPClient' || (vendorClass === 'PXEClient' && skipsDiscovery));

/** Firmware then asks the DHCP server itself for a boot server (BINL). */
const isBareClass = (facts: AnswerFacts) =>
  facts.offeredAddress !== undefined && facts.vendorClass === 'PXEClient' && !facts.skipsDiscovery;

/** An offer of ours with an address and a boot file wins with UEFI; iPXE takes the first address that comes. */
function judgeBareClass(server: string, givesAddresses: boolean): Finding {
  const id = 'boot/option-60-alone';
  const remedy = `Take option 60 (vendor class PXEClient) out of the DHCP server ${server}, as docs/runbooks/option-60.md says for yours; if you may not, `;
  if (givesAddresses) {
    return {
      id,
      verdict: 'warn',
      says: `${server} sends option 60 without option 43: UEFI firmware gets its addresses from us (boot.dhcp: firmware) and boots, iPXE may still take the offer of ${server} and finds nothing to boot`,
      remedy: `${remedy}send no machine through iPXE here.`,
    };
  }
  return {
    id,
    verdict: 'fail',
    says: `${server} sends option 60 without option 43: UEFI machines will ask it on port 4011 and stop with PXE-E16, whatever we offer`,
    remedy: `${remedy}set boot.dhcp to firmware.`,
  };
}

function judgeAddresses(facts: readonly AnswerFacts[]): Finding[] {
  const givers = [...new Set(facts.filter((one) => one.offeredAddress !== undefined).map(({ server }) => server))];
  const [first] = givers;
  if (first === undefined) {
    return [
      {
        id: 'boot/dhcp-server',
        verdict: 'fail',
        says: 'Nobody offers an address: machines cannot boot over the network, whatever else is right',
        remedy: 'Start the DHCP server of this network, or set boot.dhcp to full in the rack file.',
      },
    ];
  }
  if (givers.length === 1) return [{ id: 'boot/dhcp-server', verdict: 'pass', says: `${first} gives addresses` }];
  return [
    {
      id: 'boot/dhcp-server',
      verdict: 'warn',
      says: `${givers.join(' and ')} both give addresses: machines take one by chance`,
      remedy: 'Leave one DHCP server on this network, unless the two are one pair that shares its leases.',
    },
  ];
}

/** One finding a server, although each kind of firmware had its own answer from it. */
function perServer(
  answers: readonly { readonly facts: AnswerFacts }[],
  find: (server: string, facts: AnswerFacts) => Finding,
): Finding[] {
  const firsts = new Map<string, AnswerFacts>();
  for (const { facts } of answers) if (!firsts.has(facts.server)) firsts.set(facts.server, facts);
  return [...firsts].map(([server, facts]) => find(server, facts));
}
