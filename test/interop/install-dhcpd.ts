import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../firmware/run-command.ts';

/** ISC's dhcpd from Debian's package, unpacked only: its installation would start a DHCP server on this machine. */
export async function installDhcpd(directory: string): Promise<string> {
  const installed = '/usr/sbin/dhcpd';
  if (
    await access(installed).then(
      () => true,
      () => false,
    )
  )
    return installed;
  await runCommand('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', 'isc-dhcp-server'], directory);
  await runCommand('sh', ['-c', 'dpkg-deb -x isc-dhcp-server_*.deb isc'], directory);
  return join(directory, 'isc/usr/sbin/dhcpd');
}
