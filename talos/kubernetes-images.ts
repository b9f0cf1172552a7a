/** The images that Talos 1.11 to 1.14 themselves would choose for this Kubernetes release (pkg/machinery/constants). */
export function kubernetesImages(version: string) {
  const upstream = (component: string) => `registry.k8s.io/kube-${component}:${version}`;
  return {
    kubelet: `ghcr.io/siderolabs/kubelet:${version}`,
    apiServer: upstream('apiserver'),
    controllerManager: upstream('controller-manager'),
    scheduler: upstream('scheduler'),
    proxy: upstream('proxy'),
  };
}
