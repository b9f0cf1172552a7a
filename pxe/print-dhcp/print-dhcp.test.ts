import { describe, expect, it } from 'vitest';
import { bootClasses } from './boot-class.ts';
import { dhcpServerKinds, printDhcp } from './print-dhcp.ts';

const serverAddress = '10.20.0.2';
const amd64 = { ukis: { amd64: '/srv/amd64' }, httpOrigin: `http://${serverAddress}:8080` };
const all = {
  ...amd64,
  ukis: { amd64: '/srv/amd64', arm64: '/srv/arm64' },
  kernels: ['amd64', 'arm64'] as const,
  loaders: ['undionly.kpxe'],
};

describe('bootClasses', () => {
  it('puts clients with the same answer into one class', () => {
    expect(bootClasses(amd64, serverAddress)).toEqual([
      {
        name: 'rackwright-1',
        title: 'x64 UEFI, x64 UEFI (EBC): talos-amd64.efi',
        vendorClass: 'PXEClient',
        isIpxe: false,
        architectures: [7, 9],
        nextServer: serverAddress,
        serverName: serverAddress,
        fileName: 'talos-amd64.efi',
        options: [
          [60, Uint8Array.from(Buffer.from('PXEClient'))],
          [43, Uint8Array.of(6, 1, 8, 255)],
          [67, Uint8Array.from(Buffer.from('talos-amd64.efi\0'))],
        ],
      },
      expect.objectContaining({ vendorClass: 'HTTPClient', architectures: [16] }) as object,
    ]);
  });

  it('has nobody twice', () => {
    const who = bootClasses(all, serverAddress).flatMap(({ vendorClass, architectures, isIpxe }) =>
      architectures.map((type) => `${vendorClass} ${type} ${isIpxe}`),
    );
    expect(new Set(who).size).toBe(who.length);
    expect(who.length).toBeGreaterThan(6);
  });

  it('has nobody when there is nothing to boot', () => {
    expect(bootClasses({ ukis: {}, httpOrigin: '' }, serverAddress)).toEqual([]);
  });
});

describe('printDhcp', () => {
  it.each(dhcpServerKinds)('names every boot file and our address for %s', (kind) => {
    const printed = printDhcp(kind, all, serverAddress);
    const spelt = (text: string) => printed.includes(text) || printed.includes(Buffer.from(text).toString('hex'));
    for (const { fileName } of bootClasses(all, serverAddress))
      expect([fileName, spelt(fileName)]).toEqual([fileName, true]);
    expect(spelt(serverAddress)).toBe(true);
  });

  it('writes what Windows Server is to be told as PowerShell', () => {
    expect(printDhcp('windows', amd64, serverAddress).split('\r\n')).toEqual([
      "$scope = '10.0.0.0'  # the scope of the provisioning network",
      '',
      'Add-DhcpServerv4OptionDefinition -OptionId 60 -Name VendorClassIdentifier -Type String',
      "Add-DhcpServerv4Class -Type User -Name 'Rackwright iPXE' -Data 'iPXE'",
      "Add-DhcpServerv4Class -Type Vendor -Name 'Rackwright PXEClient Arch 00007' -Data 'PXEClient:Arch:00007'",
      "Add-DhcpServerv4Class -Type Vendor -Name 'Rackwright PXEClient Arch 00009' -Data 'PXEClient:Arch:00009'",
      "Add-DhcpServerv4Class -Type Vendor -Name 'Rackwright HTTPClient Arch 00016' -Data 'HTTPClient:Arch:00016'",
      '',
      '# x64 UEFI, x64 UEFI (EBC): talos-amd64.efi',
      "Add-DhcpServerv4Policy -ScopeId $scope -Name 'rackwright-1' -Condition And `",
      "  -VendorClass EQ,'Rackwright PXEClient Arch 00007*','Rackwright PXEClient Arch 00009*' -UserClass NE,'Rackwright iPXE'",
      "Set-DhcpServerv4OptionValue -ScopeId $scope -PolicyName 'rackwright-1' -OptionId 66 -Value '10.20.0.2'",
      "Set-DhcpServerv4OptionValue -ScopeId $scope -PolicyName 'rackwright-1' -OptionId 60 -Value 'PXEClient'",
      "Set-DhcpServerv4OptionValue -ScopeId $scope -PolicyName 'rackwright-1' -OptionId 43 -Value 0x06,0x01,0x08,0xff",
      "Set-DhcpServerv4OptionValue -ScopeId $scope -PolicyName 'rackwright-1' -OptionId 67 -Value 'talos-amd64.efi'",
      '',
      '# x64 UEFI HTTP: http://10.20.0.2:8080/talos-amd64.efi',
      "Add-DhcpServerv4Policy -ScopeId $scope -Name 'rackwright-2' -Condition And `",
      "  -VendorClass EQ,'Rackwright HTTPClient Arch 00016*' -UserClass NE,'Rackwright iPXE'",
      "Set-DhcpServerv4OptionValue -ScopeId $scope -PolicyName 'rackwright-2' -OptionId 66 -Value '10.20.0.2'",
      "Set-DhcpServerv4OptionValue -ScopeId $scope -PolicyName 'rackwright-2' -OptionId 60 -Value 'HTTPClient'",
      "Set-DhcpServerv4OptionValue -ScopeId $scope -PolicyName 'rackwright-2' -OptionId 67 -Value 'http://10.20.0.2:8080/talos-amd64.efi'",
      '',
    ]);
  });

  it('writes what RouterOS is to be told as commands, with the octets of each option', () => {
    expect(printDhcp('routeros', amd64, serverAddress).split('\n').slice(0, 9)).toEqual([
      ':local server "dhcp1"; # the DHCP server of the provisioning network',
      '/ip dhcp-server network set [find] next-server=10.20.0.2',
      '',
      '# x64 UEFI, x64 UEFI (EBC): talos-amd64.efi',
      '/ip dhcp-server option add name=rackwright-1-60 code=60 value=0x505845436c69656e74',
      '/ip dhcp-server option add name=rackwright-1-43 code=43 value=0x060108ff',
      '/ip dhcp-server option add name=rackwright-1-67 code=67 value=0x74616c6f732d616d6436342e65666900',
      '/ip dhcp-server option sets add name=rackwright-1 options=rackwright-1-60,rackwright-1-43,rackwright-1-67',
      '/ip dhcp-server matcher add name=rackwright-1-7 server=$server code=93 matching-type=exact value=0x0007 option-set=rackwright-1',
    ]);
  });
});
