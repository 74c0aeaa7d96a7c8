export const runtimePackages: readonly string[];
/** Copies the runtimes of a VSIX target ('linux-x64') into `dist`/node_modules. */
export function copyRuntimes(target: string, dist: string): void;
