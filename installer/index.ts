/** The installer room: from a rack file and the machines that come up to a running cluster. */
export { discoveryTimeout } from './discovery-plan.ts';
export { parseRackFile, type RackFile } from './parse-rack-file.ts';
export { rackFileMissing } from './rack-file-faults.ts';
export { runUp, type UpOptions, type UpPorts } from './run-up.ts';
