import { DomainError } from '../domain/error.ts';
import { SecretError } from '../secrets.ts';

/** One file a command; each is loaded only when it is called. */
interface Command {
  about: string;
  /** It is told everything by the environment: words behind it would be passed over in silence. */
  takesNothing?: true;
  load(): Promise<{ run(args: string[]): Promise<number> }>;
}

const COMMANDS: Record<string, Command> = {
  serve: {
    about: 'Serve the page, the desk and the API (npm start)',
    takesNothing: true,
    load: () => import('./serve.ts'),
  },
  demo: {
    about: 'Show everything with simulated networks (npm run demo)',
    load: () => import('./demo.ts'),
  },
  connect: {
    about: 'Connect an account: tocsin connect <channel> name=value …',
    load: () => import('./connect.ts'),
  },
  simulate: {
    about: 'Stand-ins for every network, to try your installation with: tocsin simulate [--connect]',
    load: () => import('./simulate.ts'),
  },
  'sign-in': {
    about: 'Print a link that signs a person in once: tocsin sign-in <email>',
    load: () => import('./sign-in.ts'),
  },
  'verify-audit': {
    about: 'Check that nobody changed the audit log',
    takesNothing: true,
    load: () => import('./verify-audit.ts'),
  },
  export: {
    about: 'Write the public pages as files: tocsin export <folder>',
    load: () => import('./export.ts'),
  },
  backup: {
    about: 'Copy the database while it runs: tocsin backup <file>',
    load: () => import('./backup.ts'),
  },
  restore: {
    about: 'Put a backup in place, in quarantine: tocsin restore <file>',
    load: () => import('./restore.ts'),
  },
  release: {
    about: 'Let a restored database send again',
    takesNothing: true,
    load: () => import('./release.ts'),
  },
  sending: {
    about: 'Stop or start every network at once: tocsin sending off <why> | on',
    load: () => import('./sending.ts'),
  },
  bounce: {
    about: 'Take in a mail that came back: tocsin bounce < mail | --where',
    load: () => import('./bounce.ts'),
  },
  key: { about: 'Print a new key for TOCSIN_KEYS', takesNothing: true, load: () => import('./key.ts') },
};

/** Runs a command and returns the exit code. Expected failures are one sentence, without a stack. */
export async function run(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const lines = Object.entries(COMMANDS).map(([n, c]) => `  ${n.padEnd(14)} ${c.about}`);
    const help = name === 'help' || name === '--help' || name === '-h';
    (help ? process.stdout : process.stderr).write(
      `${help ? '' : `There is no command "${name}".\n\n`}tocsin <command>\n\n${lines.join('\n')}\n`,
    );
    return help ? 0 : 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${name}: ${command.about}\nThe README says more.\n`);
    return 0;
  }
  if (command.takesNothing && rest.length > 0) {
    process.stderr.write(
      `"${name}" takes nothing behind it, and does not know "${rest.join(' ')}". Settings are variables; see the README.\n`,
    );
    return 2;
  }
  try {
    return await (await command.load()).run(rest);
  } catch (error) {
    // An option that there is not, or that lacks its value; Node says which.
    if (/^ERR_PARSE_ARGS_/.test((error as NodeJS.ErrnoException).code ?? '')) {
      const [first] = (error as Error).message.split(/\n|\. To /);
      process.stderr.write(`${name}: ${first?.replace(/\.?$/, '.')}\n`);
      return 2;
    }
    if (error instanceof DomainError || error instanceof SecretError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}
