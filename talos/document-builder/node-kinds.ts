import { z } from 'zod';
import { duration, flag, foreign, kind, match, text, textMap, texts, whole } from './document-kind.ts';

/** The system itself: installation, kernel, files, logs, trust, image registries, membership. */
export const nodeKinds = {
  UnattendedInstallConfig: kind('v1.14', {
    reboot: flag.optional(),
    installer: z.strictObject({ image: text.optional() }),
    provisioning: z.strictObject({ diskSelector: match, wipe: flag.optional() }),
  }),
  KernelModuleConfig: kind('v1.14', { name: text, parameters: texts.optional() }),
  SysctlConfig: kind('v1.14', { params: textMap }),
  SysfsConfig: kind('v1.14', { params: textMap }),
  UdevRulesConfig: kind('v1.14', { rules: texts }),
  /** A file under /etc, which its name is relative to. */
  EtcFileConfig: kind('v1.14', { name: text, mode: whole.optional(), contents: text }),
  EnvironmentConfig: kind('v1.13', { variables: textMap }),
  WatchdogTimerConfig: kind('v1.11', { device: text, timeout: duration.optional() }),
  OOMConfig: kind('v1.12', {
    triggerExpression: text.optional(),
    cgroupRankingExpression: text.optional(),
    sampleInterval: duration.optional(),
  }),
  PCIDriverRebindConfig: kind('v1.11', { name: text, targetDriver: text }),
  SecurityProfileConfig: kind('v1.14', { workloadIsolation: flag }),
  EventSinkConfig: kind('v1.11', { endpoint: text }),
  KmsgLogConfig: kind('v1.11', { name: text, url: text }),
  SideroLinkConfig: kind('v1.11', { apiUrl: text, uniqueToken: text.optional() }),
  ExtensionServiceConfig: kind('v1.11', {
    name: text,
    configFiles: z.array(z.strictObject({ content: text, mountPath: text })).optional(),
    environment: texts.optional(),
  }),
  /** PEM certificates that the machine trusts beside its own. */
  TrustedRootsConfig: kind('v1.11', { name: text, certificates: text }),
  ImageVerificationConfig: kind('v1.13', {
    rules: z.array(
      z.strictObject({
        image: text,
        skip: flag.optional(),
        deny: flag.optional(),
        keyless: z.strictObject({ issuer: text, subject: text.optional(), subjectRegex: text.optional() }).optional(),
        publicKey: z.strictObject({ certificate: text }).optional(),
      }),
    ),
  }),
  /** Named after the registry, such as `docker.io`, or `*`. */
  RegistryMirrorConfig: kind('v1.12', {
    name: text,
    endpoints: z.array(z.strictObject({ url: text, overridePath: flag.optional() })).optional(),
    skipFallback: flag.optional(),
  }),
  RegistryAuthConfig: kind('v1.12', {
    name: text,
    username: text.optional(),
    password: text.optional(),
    auth: text.optional(),
    identityToken: text.optional(),
  }),
  RegistryTLSConfig: kind('v1.12', {
    name: text,
    /** PEM; Talos before 1.14 reads no key but in PKCS #8. */
    clientIdentity: z.strictObject({ cert: text, key: text }).optional(),
    ca: text.optional(),
    insecureSkipVerify: flag.optional(),
  }),
  CRICustomizationConfig: kind('v1.14', { name: text, content: text }),
  CRIBaseRuntimeSpecConfig: kind('v1.14', { overrides: foreign }),
  ImageCacheConfig: kind('v1.14', { local: z.strictObject({ enabled: flag }) }),
  DiscoveryIdentityConfig: kind('v1.14', { clusterID: text, clusterSecret: text }),
  DiscoveryServiceConfig: kind('v1.14', { name: text, endpoint: text }),
};
