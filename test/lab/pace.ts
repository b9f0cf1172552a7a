import { millis, seconds } from '../../core/millis.ts';

/**
 * How long things take at speed 1. About ten times as fast as a real rack, except for what firmware fixes in its
 * source: those waits are EDK2's own.
 */
export const pace = {
  powerOnSelfTest: seconds(1),
  /** How long firmware collects DHCP offers; EDK2 takes about 3.5 s. */
  offerWindow: millis(400),
  /** Waits after each DISCOVER (EDK2 PxeBcImpl: 4, 8, 16, 32). */
  discoverBackoff: [seconds(4), seconds(8), seconds(16), seconds(32)],
  /** Waits after each REQUEST and after each question to port 4011. */
  requestBackoff: [seconds(1), seconds(2), seconds(3), seconds(4)],
  /** Patience with one silent TFTP packet, and how often (EDK2: 4 s, 6 tries). */
  tftpTimeout: seconds(1),
  tftpTries: 6,
  httpTimeout: seconds(10),
  kernelBoot: millis(1200),
  /** From an accepted config to the moment at which the old API goes away. */
  configTakeover: millis(300),
  pullInstaller: millis(2500),
  writeDisk: millis(3500),
  shutdown: millis(700),
  /** Until a time server has answered often enough to set a clock that is wrong. */
  reachTimeServer: seconds(3),
  /** How long a bootstrap waits for a clock that is not in sync; five seconds in life. */
  bootstrapClockWait: millis(500),
  kexec: millis(1500),
  /** Talos reboots this long after a fatal error; 10 s in life. */
  panicReboot: seconds(1),
  /** How long an action waits for another one that holds the machine; a minute in life. */
  lockWait: seconds(6),
  /** Cordon, drain and the end of all pods. */
  drain: millis(800),
  startServices: millis(600),
  /** How often a node looks again for trustd, etcd or the Kubernetes API. */
  lookAgain: millis(300),
  startEtcd: millis(900),
  promoteLearner: millis(1000),
  startControlPlane: millis(1200),
  startKubelet: millis(800),
  /** From the arrival of the pod network until the node is Ready. */
  startPodNetwork: millis(1500),
} as const;
