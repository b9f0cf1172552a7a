import { addressMissing, type PortDetails, portForbidden, portTaken } from './platform-faults.ts';
import { portHolder } from './port-holder.ts';
import { errorCodeOf } from './system-error.ts';

/** Why a port could not be opened, as the fault that names who can do what about it; other errors come back unchanged. */
export async function openPortFault(cause: unknown, details: PortDetails): Promise<unknown> {
  switch (errorCodeOf(cause)) {
    case 'EADDRINUSE':
      return portTaken({ ...details, holder: await portHolder(details.protocol, details.port) }, { cause });
    case 'EACCES':
      return portForbidden(details, { cause });
    case 'EADDRNOTAVAIL':
      return addressMissing(details, { cause });
    default:
      return cause;
  }
}
