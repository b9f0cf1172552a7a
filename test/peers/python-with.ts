import { spawnSync } from 'node:child_process';

/** A Python that has this module: that of the path, or the one that Debian's packages are for. */
export const pythonWith = (module: string): string | undefined =>
  ['python3', '/usr/bin/python3'].find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0);
