// Finds a Chromium, or installs Debian's by apt-get. Used to drive code-server and to take the screenshots.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runProcess } from './childProcess.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Arguments that keep the browser offline and quiet, and let it run as root and without a graphics card. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** Path of a program on the PATH, or undefined. */
export function findOnPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here; look further.
    }
  }
  return undefined;
}

function findChromium() {
  const chosen = process.env.CHROMIUM_EXECUTABLE;
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    throw new Error(`CHROMIUM_EXECUTABLE names ${chosen}, which does not exist.`);
  }
  for (const name of names) {
    const found = findOnPath(name);
    if (found) return found;
  }
  return undefined;
}

/** Path of a Chromium; installs Debian's when there is none. Throws with what to do when that is impossible. */
export async function ensureChromium() {
  const present = findChromium();
  if (present) return present;
  const byHand =
    'Install Chromium (Debian: apt-get install chromium) or set CHROMIUM_EXECUTABLE to its path.';
  if (!findOnPath('apt-get'))
    throw new Error(`No Chromium found, and no apt-get to install it with. ${byHand}`);
  const root = process.getuid?.() === 0;
  if (!root && !findOnPath('sudo'))
    throw new Error(`No Chromium found, and installing it needs root. ${byHand}`);
  console.error('Installing Chromium by apt-get …');
  // `sudo -n` fails at once where a password would be asked: nobody may be there to type it.
  const aptGet = (args) =>
    runProcess(root ? 'apt-get' : 'sudo', [...(root ? [] : ['-n', 'apt-get']), ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      quiet: true,
    });
  const install = [
    'install',
    '-y',
    '--no-install-recommends',
    'chromium',
    'fonts-dejavu-core',
    'fonts-noto-cjk',
  ];
  let result = await aptGet(install);
  if (result.code !== 0) {
    await aptGet(['update']);
    result = await aptGet(install);
  }
  const installed = findChromium();
  if (result.code !== 0 || !installed) {
    throw new Error(
      `Chromium could not be installed. ${byHand}\n${result.output.split('\n').slice(-8).join('\n')}`,
    );
  }
  return installed;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(`Chromium: ${await ensureChromium()}`);
}
