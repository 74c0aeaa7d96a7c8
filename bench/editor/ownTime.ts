// How much of a thread's time was spent in code of one file or below it, window by window, from a V8 CPU profile.
// Samples are taken in wall time, which on a busy machine runs while the thread does not; so the share of the samples
// is applied to the CPU time of the window, which only runs when the thread does.
import type { Profiler } from 'node:inspector';

export interface Window {
  /** Microseconds of the monotonic clock (process.hrtime). */
  readonly start: number;
  readonly end: number;
  /** Milliseconds of CPU time of the thread in that window. */
  readonly cpuMs: number;
}

/** Milliseconds of CPU time below functions of the file, for each window. */
export function ownCpuTime(profile: Profiler.Profile, windows: readonly Window[], file: string): number[] {
  const own = new Set<number>();
  const asleep = new Set<number>();
  const visit = (id: number, inside: boolean): void => {
    const node = nodes.get(id);
    if (node === undefined) return;
    const within = inside || node.callFrame.url.endsWith(file);
    if (within) own.add(id);
    if (node.callFrame.functionName === '(idle)') asleep.add(id);
    for (const child of node.children ?? []) visit(child, within);
  };
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const [root] = profile.nodes;
  if (root !== undefined) visit(root.id, false);

  const busy = windows.map(() => ({ own: 0, all: 0 }));
  let time = profile.startTime;
  let at = 0;
  profile.samples?.forEach((id, i) => {
    const delta = profile.timeDeltas?.[i] ?? 0;
    time += delta;
    while (at < windows.length && time > windows[at]!.end) at++;
    const window = windows[at];
    const sum = busy[at];
    if (window === undefined || sum === undefined || time < window.start || asleep.has(id)) return;
    sum.all += delta;
    if (own.has(id)) sum.own += delta;
  });
  return busy.map(({ own: mine, all }, i) => (all === 0 ? 0 : (mine / all) * windows[i]!.cpuMs));
}

/**
 * Milliseconds of the longest uninterrupted stretch of samples below functions of the file. A sample that comes more than
 * `mostUs` microseconds after the one before counts as that: the thread is sampled while it runs, so a larger gap says that
 * it, or the sampler, was waiting for a processor.
 */
export function longestOwnStretch(profile: Profiler.Profile, file: string, mostUs: number): number {
  const own = ownNodes(profile, file);
  let longest = 0;
  let stretch = 0;
  profile.samples?.forEach((id, i) => {
    // A sample's delta is the time since the one before, so it belongs to what ran before; the collector runs within.
    const garbage = own.garbage.has(id);
    if (own.nodes.has(id)) stretch += Math.min(mostUs, profile.timeDeltas?.[i] ?? 0);
    else if (!garbage) stretch = 0;
    longest = Math.max(longest, stretch);
  });
  return longest / 1000;
}

function ownNodes(profile: Profiler.Profile, file: string): { nodes: Set<number>; garbage: Set<number> } {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const nodes = new Set<number>();
  const garbage = new Set<number>();
  const visit = (id: number, inside: boolean): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const within = inside || node.callFrame.url.endsWith(file);
    if (within) nodes.add(id);
    if (node.callFrame.functionName === '(garbage collector)') garbage.add(id);
    for (const child of node.children ?? []) visit(child, within);
  };
  const [root] = profile.nodes;
  if (root !== undefined) visit(root.id, false);
  return { nodes, garbage };
}
