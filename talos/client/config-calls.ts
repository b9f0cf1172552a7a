import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { type Millis, minutes } from '../../core/millis.ts';
import type { CallOptions } from '../call-end.ts';
import { enumName } from '../enum-name.ts';
import { MachineService, ApplyConfigurationRequest_Mode as Mode } from '../gen/machine/machine_pb.ts';
import { callUnary, ensureUnary } from '../grpc-call.ts';
import type { GrpcChannel } from '../grpc-channel.ts';
import { redactorFor } from '../redact-config.ts';
import { talosGarbled, talosRefused } from '../talos-faults.ts';
import type { TalosKeys } from '../talos-keys.ts';

/**
 * When a config takes effect, in Talos' words. Talos 1.14 knows no REBOOT once the machine is configured. TRY takes the
 * config back when the time is over; in maintenance mode it would install and then forget the config, and is refused.
 */
export type ApplyMode = keyof typeof Mode;

export interface ApplyRequest {
  readonly config: string;
  readonly mode: ApplyMode;
  /** Says what would happen, and changes nothing. */
  readonly dryRun?: boolean;
  /** For TRY: one minute when left out. */
  readonly tryFor?: Millis;
}

export interface ApplyResult {
  /** The mode that Talos used: in maintenance mode REBOOT and AUTO become NO_REBOOT. */
  readonly mode: ApplyMode;
  /** In Talos' words; of a dry run, what would change. It may quote secrets of the config in use: never to be recorded. */
  readonly details: string;
  readonly warnings: readonly string[];
}

export interface ConfigCalls {
  /** Resolves when Talos accepted the config, which is long before it is in effect. */
  applyConfiguration(request: ApplyRequest, options?: CallOptions): Promise<ApplyResult>;
  /** A new client certificate, made on a control plane. */
  generateClientKeys(
    request: { roles: readonly string[]; lifetime: Millis },
    options?: CallOptions,
  ): Promise<TalosKeys>;
  /** Keys 12 to 14 are free for users; at most 255. */
  metaWrite(entry: { key: number; value: string }, options?: CallOptions): Promise<void>;
  /** Also resolves when there is no such key. */
  metaDelete(key: number, options?: CallOptions): Promise<void>;
}

export function configCalls(channel: GrpcChannel, { isMaintenance }: { isMaintenance: boolean }): ConfigCalls {
  const { at } = channel;
  const machine = MachineService.method;
  return {
    async applyConfiguration({ config, mode, dryRun = false, tryFor = minutes(1) }, options = {}) {
      if (isMaintenance && mode === 'TRY') {
        const reason = 'in maintenance mode TRY installs the machine and then forgets the config';
        throw talosRefused({ at, call: 'ApplyConfiguration', reason });
      }
      const redact = redactorFor(config);
      const { messages } = await callUnary(
        channel,
        machine.applyConfiguration,
        {
          data: Buffer.from(config, 'utf8'),
          mode: Mode[mode],
          dryRun,
          ...(mode === 'TRY' ? { tryModeTimeout: durationFromMs(tryFor) } : {}),
        },
        { ...options, redact },
      );
      const [applied] = messages;
      if (applied === undefined) throw talosGarbled({ at, call: 'ApplyConfiguration', reason: 'it says nothing' });
      return {
        mode: enumName(Mode, applied.mode, { at, call: 'ApplyConfiguration' }),
        details: redact(applied.modeDetails),
        warnings: messages.flatMap(({ warnings }) => warnings.map(redact)),
      };
    },
    async generateClientKeys({ roles, lifetime }, options) {
      const { messages } = await callUnary(
        channel,
        machine.generateClientConfiguration,
        { roles: [...roles], crtTtl: durationFromMs(lifetime) },
        options,
      );
      const [made] = messages;
      if (made === undefined || made.key.length === 0) {
        throw talosGarbled({ at, call: 'GenerateClientConfiguration', reason: 'no key is in it' });
      }
      const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
      return { ca: text(made.ca), cert: text(made.crt), key: text(made.key) };
    },
    async metaWrite({ key, value }, options) {
      await callUnary(channel, machine.metaWrite, { key, value: Buffer.from(value, 'utf8') }, options);
    },
    async metaDelete(key, options) {
      await ensureUnary(channel, machine.metaDelete, { key }, options);
    },
  };
}
