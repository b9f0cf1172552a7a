import { createAuthority } from '../../talos/certificate.ts';
import { createAdminKeys } from '../../talos/index.ts';
import { digested } from '../lab/image-store.ts';
import { startLoneNode } from '../lab/lone-node.fixture.ts';
import { SimDisk } from '../lab/sim-disk.ts';
import { describeNode } from './node-behaviours.ts';
import { address, ports, startTalosNode } from './start-talos-node.ts';

const [apidBytes, oldBytes] = [32 * 2 ** 20, 4 * 2 ** 20];

const strangers = async () =>
  createAdminKeys({ osCa: await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports) }, ports);

for (const { name, isConfigured, isOld } of [
  { name: 'in maintenance mode before 1.13', isConfigured: false, isOld: true },
  { name: 'in maintenance mode', isConfigured: false, isOld: false },
  { name: 'configured', isConfigured: true, isOld: false },
]) {
  const largestRequestBytes = isOld ? oldBytes : apidBytes;

  // With isOld the Go node has the limits of that server, but all methods: what is not there is not asked.
  if (!isOld) {
    describeNode(`Go, Talos' own stubs and COSI's own server, ${name}`, async () => {
      const authority = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
      const node = await startTalosNode(authority, isConfigured, ports, { isOld });
      let isThere = false;
      return {
        ...{ address, port: node.port, largestRequestBytes },
        keys: isConfigured ? await createAdminKeys({ osCa: authority }, ports) : undefined,
        strangersKeys: await strangers(),
        failingImage: 'bad',
        changeDisks() {
          node.order(isThere ? { destroy: 'sdz' } : { create: 'sdz' });
          isThere = !isThere;
        },
        reboot: () => node.order({ reboot: true }),
        async close() {
          await node.stop();
        },
      };
    });
  }

  for (const [at, talosVersion] of ['v1.11.6', 'v1.12.11', 'v1.13.9', 'v1.14.0'].entries()) {
    if (!isConfigured && isOld !== at < 2) continue;
    describeNode(`simulated Talos ${talosVersion}, ${name}`, async () => {
      const lone = await startLoneNode({ net: 104, talosVersion, isInstalled: isConfigured });
      const image = `ghcr.io/siderolabs/installer:${talosVersion}`;
      lone.node.images.set(`cri/1 ${image}`, digested(image));
      lone.inflict('upgrade-fails', 1);
      return {
        ...{ address: lone.address, port: 50_000, largestRequestBytes },
        keys: isConfigured ? lone.keys : undefined,
        strangersKeys: await strangers(),
        ...(isConfigured && at >= 2 ? { failingImage: image } : {}),
        changeDisks() {
          const [first] = lone.disks;
          if (first !== undefined) lone.disks.push(new SimDisk({ ...first.hardware, name: 'sdz', path: '/dev/sdz' }));
          lone.node.change({});
        },
        reboot() {
          lone.node.act({ sequence: 'reboot', actorId: '', stage: 'rebooting', end: 'kexec' });
        },
        close: () => lone.close(),
      };
    });
  }
}
