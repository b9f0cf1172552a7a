import { fail, pass, type RackCheck, unknown } from './check.ts';

const mostWrong = 5000;
const slightlyWrong = 1000;

/** Keys minted by a wrong clock are not good yet on machines whose clock is right, and Talos refuses to bootstrap. */
export const ownClockCheck: RackCheck = {
  id: 'own-clock',
  title: 'the clock of this computer is right',
  judge: ({ probes: { ownClock } }) => {
    const hint =
      'Let chrony or systemd-timesyncd set it, or name in network.timeServers a server that this computer and the machines reach.';
    if (ownClock === undefined) return unknown('The clock of this computer was not looked at.', hint);
    const { isSynchronized, servers } = ownClock;
    const told = servers.flatMap(({ server, aheadOfServer, roundTrip = 0 }) =>
      aheadOfServer === undefined ? [] : [{ server, aheadOfServer, roundTrip }],
    );
    const says = told
      .map(({ server, aheadOfServer }) => {
        const span = `${(Math.abs(aheadOfServer) / 1000).toFixed(1)} s`;
        return `${span} ${aheadOfServer < 0 ? 'behind' : 'ahead of'} ${server}`;
      })
      .join(', ');
    if (told.some(({ aheadOfServer, roundTrip }) => Math.abs(aheadOfServer) - roundTrip > mostWrong))
      return fail(`The clock of this computer is ${says}.`, hint);
    const isSlightly = told.some(({ aheadOfServer }) => Math.abs(aheadOfServer) > slightlyWrong);
    if (told.length > 0)
      return pass(`The clock of this computer is ${says}${isSlightly ? ', which is more than it should be' : ''}.`);
    const silent = servers.map(({ server }) => server).join(', ');
    const nobody = silent === '' ? 'no time server is named' : `${silent} does not answer this computer`;
    if (isSynchronized === true) return pass(`The system says that its clock is synchronised; ${nobody}.`);
    if (isSynchronized === false) return fail(`The clock of this computer is not synchronised, and ${nobody}.`, hint);
    return unknown(
      `The system does not tell whether its clock is synchronised, and ${nobody}.`,
      'Compare it with another clock (date --utc), and name network.timeServers.',
    );
  },
};
