package main

import (
	"context"
	"net/netip"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/cosi-project/runtime/pkg/state/impl/inmem"
	"github.com/cosi-project/runtime/pkg/state/impl/namespaced"

	"github.com/siderolabs/talos/pkg/machinery/nethelpers"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	"github.com/siderolabs/talos/pkg/machinery/resources/hardware"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// describeMachine makes the resources of one machine: a link, two disks of which one holds an old Talos, a CD-ROM.
func describeMachine(ctx context.Context) (state.CoreState, error) {
	resources := state.WrapCore(namespaced.NewState(inmem.Build))

	system := hardware.NewSystemInformation(hardware.SystemInformationID)
	system.TypedSpec().UUID = "4C4C4544-0051-3010-8051-B4C04F5A3332"
	system.TypedSpec().SerialNumber = "0123456"
	system.TypedSpec().Manufacturer = "Supermicro"

	processor := hardware.NewProcessorInfo("CPU-1")
	processor.TypedSpec().Socket = "CPU 1"
	processor.TypedSpec().ProductName = "AMD EPYC 9354P"
	processor.TypedSpec().CoreCount = 32
	processor.TypedSpec().ThreadCount = 64

	memory := hardware.NewMemoryModuleInfo("DIMM-A1")
	memory.TypedSpec().Size = 65536
	memory.TypedSpec().DeviceLocator = "DIMM A1"
	memory.TypedSpec().Speed = 4800

	emptySlot := hardware.NewMemoryModuleInfo("DIMM-A2")

	security := runtime.NewSecurityStateSpec(runtime.NamespaceName)
	security.TypedSpec().SecureBoot = true
	security.TypedSpec().BootedWithUKI = true

	version := runtime.NewVersion()
	version.TypedSpec().Version = "v1.13.9"

	status := runtime.NewMachineStatus()
	status.TypedSpec().Stage = runtime.MachineStageBooting
	status.TypedSpec().Status.UnmetConditions = []runtime.UnmetCondition{{Name: "services", Reason: "etcd not ready"}}

	link := network.NewLinkStatus(network.NamespaceName, "enp1s0")
	link.TypedSpec().Type = nethelpers.LinkEther
	link.TypedSpec().HardwareAddr = nethelpers.HardwareAddr{0x52, 0x54, 0, 0, 0, 0x01}
	link.TypedSpec().PermanentAddr = nethelpers.HardwareAddr{0x52, 0x54, 0, 0, 0, 0x01}
	link.TypedSpec().OperationalState = nethelpers.OperStateUp
	link.TypedSpec().LinkState = true
	link.TypedSpec().SpeedMegabits = 25000
	link.TypedSpec().Duplex = nethelpers.Full
	link.TypedSpec().Driver = "mlx5_core"
	link.TypedSpec().MTU = 9000

	bond := network.NewLinkStatus(network.NamespaceName, "bond0")
	bond.TypedSpec().Type = nethelpers.LinkEther
	bond.TypedSpec().Kind = network.LinkKindBond
	bond.TypedSpec().HardwareAddr = nethelpers.HardwareAddr{0x52, 0x54, 0, 0, 0, 0x01}
	bond.TypedSpec().OperationalState = nethelpers.OperStateDown

	address := network.NewAddressStatus(network.NamespaceName, "enp1s0/10.0.0.51/24")
	address.TypedSpec().Address = netip.MustParsePrefix("10.0.0.51/24")
	address.TypedSpec().LinkName = "enp1s0"

	systemDisk := block.NewSystemDisk(block.NamespaceName, block.SystemDiskID)
	systemDisk.TypedSpec().DiskID = "sda"
	systemDisk.TypedSpec().DevPath = "/dev/sda"

	all := []resource.Resource{
		system, processor, memory, emptySlot, security, version, status, link, bond, address, systemDisk,
		// A serial number that YAML would read as a number if it were not quoted, and a size that needs 54 bits.
		disk("sda", block.DiskSpec{Size: 1<<53 - 512, Serial: "0123", WWID: "naa.5000c500a1b2c3d4", Model: "ST", Transport: "sata", Rotational: true}),
		disk("nvme0n1", block.DiskSpec{Size: 480 << 30, Serial: "1e5", Transport: "nvme"}),
		disk("sr0", block.DiskSpec{Size: 1 << 30, CDROM: true, Transport: "sata"}),
		disk("loop0", block.DiskSpec{Size: 1 << 20}),
		volume("sda", block.DiscoveredVolumeSpec{Type: "disk", Name: "gpt"}),
		volume("sda4", block.DiscoveredVolumeSpec{
			Type: "partition", Name: "xfs", Parent: "sda", PartitionLabel: "EPHEMERAL", PartitionIndex: 4,
			Offset: 1 << 30, Size: 16 << 30,
		}),
		volume("nvme0n1", block.DiscoveredVolumeSpec{Type: "disk"}),
	}

	for _, one := range all {
		if err := resources.Create(ctx, one); err != nil {
			return nil, err
		}
	}

	return resources, nil
}

func disk(name string, spec block.DiskSpec) *block.Disk {
	spec.DevPath = "/dev/" + name
	one := block.NewDisk(block.NamespaceName, name)
	*one.TypedSpec() = spec

	return one
}

func volume(name string, spec block.DiscoveredVolumeSpec) *block.DiscoveredVolume {
	spec.DevPath = "/dev/" + name
	one := block.NewDiscoveredVolume(block.NamespaceName, name)
	*one.TypedSpec() = spec

	return one
}
