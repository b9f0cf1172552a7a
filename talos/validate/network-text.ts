/** A URL with a host, and with a port that is one when it has any. */
export function isEndpoint(text: string): boolean {
  const [, host = '', port] =
    /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?(?:[/?#]|$)/.exec(text) ?? [];
  if (host === '' || host === '[]' || /\s/.test(host)) return false;
  return port === undefined || port === '' || (Number(port) >= 1 && Number(port) <= 65_535);
}

/** A subnet or an address of either family, possibly negated. */
export function isSubnet(text: string): boolean {
  const [, address = '', length] = /^!?([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const isV4 = /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/.test(address) && !/(^|\.)0\d/.test(address);
  const isV6 = !isV4 && /^[\da-fA-F:.]+$/.test(address) && URL.canParse(`http://[${address}]`);
  if (length !== undefined && /^0\d/.test(length)) return false;
  return (isV4 && Number(length ?? 0) <= 32) || (isV6 && Number(length ?? 0) <= 128);
}
