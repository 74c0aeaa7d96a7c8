// `node bench/editor/measureLongestCall.mjs`: the longest time that Tessera keeps the extension host of a real VS Code in
// one go, while hard files are opened and edited. Options: see hostBench.mjs. Takes some two minutes.
import { runHostBench } from './hostBench.mjs';

await runHostBench('longestCall');
