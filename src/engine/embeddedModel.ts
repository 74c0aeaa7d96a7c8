// Where the model in the box lies: beside the bundle when packed, in the checkout when run from sources.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const EMBEDDED_MODEL = 'tessera-tiny';

/** Folder of the embedded model, given the folder of the running bundle. */
export function embeddedModelFolder(bundleFolder: string): string {
  const packed = join(bundleFolder, 'models', EMBEDDED_MODEL);
  return existsSync(packed) ? packed : join('models', EMBEDDED_MODEL);
}
