import type { ConfigReader } from './config-reader.ts';

/** A name is static or automatic. Unset, `auto` is off for Talos as long as there is a name. */
export function checkHostname(document: ConfigReader): void {
  const [auto, name] = [document.text('auto'), document.text('hostname')];
  if (auto === '' && name === '') document.refuse('', 'needs a hostname, or auto: stable');
  if (auto !== '' && !['off', 'stable'].includes(auto)) document.refuse('auto', 'must be off or stable');
  else if (auto === 'stable' && name !== '')
    document.refuse('hostname', 'must not be beside auto: stable; set auto: "off"');
  const [host = ''] = name.split('.');
  if (name !== '' && (name.length > 253 || host.length === 0 || host.length > 63)) {
    document.refuse('hostname', 'must be a name of at most 253 characters, the first part of at most 63');
  }
}
