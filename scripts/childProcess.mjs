// Runs one command and waits for it, with its output shown or kept, so that every script reports failures the same way.
import { spawn } from 'node:child_process';

/**
 * Runs `command` with `args` and resolves with `{ code, output }`; never rejects on a non-zero exit code.
 * `quiet` keeps the output instead of showing it, `both` does both; `timeoutMs` kills the command and its children.
 */
export function runProcess(command, args, { cwd, env, quiet = false, both = false, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      // No stdin: an installer that asks a question must fail, not wait.
      stdio: ['ignore', quiet || both ? 'pipe' : 'inherit', quiet || both ? 'pipe' : 'inherit'],
      detached: timeoutMs !== undefined,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (chunk) => {
        output += chunk;
        if (both) process.stdout.write(chunk);
      });
    }
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            output += `\nStopped after ${Math.round(timeoutMs / 1000)} s.`;
            killGroup(child.pid);
          }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output });
    });
  });
}

/** Like {@link runProcess}, but a non-zero exit code becomes an error that carries the end of the output. */
export async function requireProcess(command, args, options = {}) {
  const { code, output } = await runProcess(command, args, options);
  if (code !== 0) {
    const tail = output.split('\n').slice(-30).join('\n');
    throw new Error(`${command} ${args.join(' ')} ended with code ${code}.\n${tail}`.trimEnd());
  }
  return output;
}

/** Ends a process started with `detached: true` together with its children; a process that is gone is not an error. */
export function killGroup(pid, signal = 'SIGKILL') {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}
