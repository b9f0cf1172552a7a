/** What Talos sets for Kubernetes by default, in the main document before 1.14 and in documents of its own since. */

/** `baseline` everywhere but in kube-system, and a warning below `restricted`. */
export const podSecurity = {
  apiVersion: 'pod-security.admission.config.k8s.io/v1alpha1',
  kind: 'PodSecurityConfiguration',
  defaults: {
    enforce: 'baseline',
    'enforce-version': 'latest',
    audit: 'restricted',
    'audit-version': 'latest',
    warn: 'restricted',
    'warn-version': 'latest',
  },
  exemptions: { namespaces: ['kube-system'], runtimeClasses: [], usernames: [] },
};

export const auditPolicy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] };

/** Only who asks whether the API server lives may stay anonymous. */
export const authentication = {
  anonymous: { conditions: ['/livez', '/readyz', '/healthz'].map((path) => ({ path })), enabled: true },
  jwt: [],
};

/** One that also runs workloads has to be reachable by load balancers. */
export const withoutLoadBalancers = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };

export const kubePrismPort = 7445;
