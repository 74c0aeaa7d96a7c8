// `node bench/editor/measureTyping.mjs`: what a keystroke in a 1 MB file costs the extension host of a real VS Code.
// Options: see hostBench.mjs. Takes some eight minutes with the 200 keystrokes of each round.
import { runHostBench } from './hostBench.mjs';

await runHostBench('typing');
