package main

import (
	"context"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/state"

	"github.com/siderolabs/talos/pkg/machinery/extensions"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// describeVitals adds what is built into the Talos of a machine and what runs on it: one static pod that is ready, one that
// is not, one that its kubelet does not know yet; and a diagnosis.
func describeVitals(ctx context.Context, resources state.CoreState) error {
	drbd := runtime.NewExtensionStatus(runtime.NamespaceName, "0")
	*drbd.TypedSpec() = extensions.Layer{Image: "000.drbd", Metadata: extensions.Metadata{Name: "drbd", Version: "9.2.14-v1.13.9"}}

	schematic := runtime.NewExtensionStatus(runtime.NamespaceName, "1")
	*schematic.TypedSpec() = extensions.Layer{
		Metadata: extensions.Metadata{Name: "schematic", Version: "0a1b", ExtraInfo: "customization: {}\n"},
	}

	diagnosis := runtime.NewDiagnostic(runtime.NamespaceName, "address-overlap")
	diagnosis.TypedSpec().Message = "host and pod networks overlap"
	diagnosis.TypedSpec().Details = []string{"10.0.0.0/24"}

	all := []resource.Resource{
		drbd, schematic, diagnosis,
		staticPod("kube-apiserver"), staticPodStatus("kube-apiserver", "node-1", "True"),
		staticPod("kube-scheduler"), staticPodStatus("kube-scheduler", "node-1", "False"),
		staticPod("kube-controller-manager"),
	}

	for _, one := range all {
		if err := resources.Create(ctx, one); err != nil {
			return err
		}
	}

	return nil
}

// staticPod is what the kubelet of a control plane is told to run.
func staticPod(name string) *k8s.StaticPod {
	pod := k8s.NewStaticPod(k8s.NamespaceName, name)
	pod.TypedSpec().Pod = map[string]any{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata":   map[string]any{"name": name, "namespace": "kube-system"},
	}

	return pod
}

// staticPodStatus is what the kubelet says of it.
func staticPodStatus(name, node, ready string) *k8s.StaticPodStatus {
	status := k8s.NewStaticPodStatus(k8s.NamespaceName, "kube-system/"+name+"-"+node)
	condition := map[string]any{"type": "Ready", "status": ready}

	if ready != "True" {
		condition["message"] = "containers with unready status: [" + name + "]"
	}

	status.TypedSpec().PodStatus = map[string]any{"phase": "Running", "conditions": []any{condition}}

	return status
}
