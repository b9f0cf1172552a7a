import { dhcpOption } from '../dhcp/dhcp-option.ts';
import type { BootClass } from './boot-class.ts';
import { bootFileOf } from './option-text.ts';

/** PowerShell for the DHCP server of Windows Server 2012 and later. */
export function printWindows(classes: readonly BootClass[]): string {
  const lines = [
    "$scope = '10.0.0.0'  # the scope of the provisioning network",
    '',
    'Add-DhcpServerv4OptionDefinition -OptionId 60 -Name VendorClassIdentifier -Type String',
    "Add-DhcpServerv4Class -Type User -Name 'Rackwright iPXE' -Data 'iPXE'",
  ];
  const vendorClasses = new Map(classes.flatMap((one) => vendorClassesOf(one).map((data) => [data, nameOf(data)])));
  for (const [data, name] of vendorClasses) {
    lines.push(`Add-DhcpServerv4Class -Type Vendor -Name '${name}' -Data '${data}'`);
  }
  for (const one of classes) {
    const vendors = vendorClassesOf(one).map((data) => `'${nameOf(data)}*'`);
    const set = `Set-DhcpServerv4OptionValue -ScopeId $scope -PolicyName '${one.name}'`;
    lines.push(
      '',
      `# ${one.title}`,
      `Add-DhcpServerv4Policy -ScopeId $scope -Name '${one.name}' -Condition And \``,
      `  -VendorClass EQ,${vendors.join(',')} -UserClass ${one.isIpxe ? 'EQ' : 'NE'},'Rackwright iPXE'`,
      `${set} -OptionId 66 -Value '${one.nextServer}'`,
      ...one.options.map(([code, value]) => `${set} -OptionId ${code} -Value ${valueOf(code, value, one)}`),
    );
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** As clients begin option 60: `PXEClient:Arch:00007`. */
const vendorClassesOf = ({ vendorClass, architectures }: BootClass): string[] =>
  architectures.map((type) => `${vendorClass}:Arch:${String(type).padStart(5, '0')}`);

const nameOf = (data: string): string => `Rackwright ${data.replaceAll(':', ' ')}`;

function valueOf(code: number, value: Uint8Array, one: BootClass): string {
  if (code === dhcpOption.vendorClass) return `'${one.vendorClass}'`;
  if (code === dhcpOption.bootFileName) return `'${bootFileOf(one)}'`;
  return Array.from(value, (octet) => `0x${octet.toString(16).padStart(2, '0')}`).join(',');
}
