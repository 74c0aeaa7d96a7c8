// Entry of the command line `tessera`: finds the command, reads its arguments, runs it, sets the exit code.
import { version } from '../../package.json';
import {
  commandHelp,
  nearest,
  readArguments,
  UsageError,
  type CliCommand,
  type CliStreams,
} from './cliCommand';
import { compareCommand } from './compareCommand';
import { costCommand } from './costCommand';
import { countCommand } from './countCommand';
import { draftsCommand } from './draftsCommand';
import { logprobsCommand } from './logprobsCommand';
import { modelCommand } from './modelCommand';
import { nextByteCommand } from './nextByteCommand';
import { tokenizerCommand } from './tokenizerCommand';
import { tokensCommand } from './tokensCommand';
import { watermarkAuditCommand } from './watermarkAuditCommand';
import { watermarkCommand } from './watermarkCommand';

const COMMANDS: readonly CliCommand[] = [
  countCommand,
  tokensCommand,
  compareCommand,
  costCommand,
  watermarkCommand,
  watermarkAuditCommand,
  tokenizerCommand,
  modelCommand,
  logprobsCommand,
  draftsCommand,
  nextByteCommand,
];

const streams: CliStreams = {
  out: (text) =>
    new Promise((resolve) => {
      if (process.stdout.write(text)) resolve();
      else process.stdout.once('drain', resolve);
    }),
  note: (text) => void process.stderr.write(`tessera: ${text}\n`),
  standardInput: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  },
};

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return `Usage: tessera COMMAND …\n\nCommands:\n${lines.join('\n')}\n\nHelp for one command: tessera COMMAND --help\n`;
}

async function run(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    await streams.out(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    await streams.out(`${version}\n`);
    return 0;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    const best = nearest(
      name,
      COMMANDS.map((each) => each.name),
    );
    streams.note(
      `unknown command "${name}".${best === undefined ? '' : ` Did you mean "${best}"?`} See tessera --help.`,
    );
    return 2;
  }
  try {
    const args = readArguments(command, rest);
    if (args.flag('help')) {
      await streams.out(commandHelp(command));
      return 0;
    }
    return await command.run(args, streams);
  } catch (error) {
    if (error instanceof UsageError) streams.note(`${error.message} See tessera ${name} --help.`);
    else streams.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 2;
  }
}

// `tessera … | head` closes the pipe early; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});
void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
