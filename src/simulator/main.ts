/**
 * The stand-in networks as a process: `node src/simulator/main.ts --port 4400 --seed demo`.
 * Prints one line of JSON when it is ready, `{"ready":true,"url":…,"accounts":[…]}`, and stops on SIGTERM or
 * SIGINT; with `--with-parent` also when its standard input ends, which happens when the parent is gone.
 */
import { parseArgs } from 'node:util';
import type { AccountSpec } from './facts.ts';
import type { Fault } from './faults.ts';
import { openSimulator, type SimulatorOptions } from './simulator.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    host: { type: 'string' },
    seed: { type: 'string' },
    /** JSON: a list of accounts, see AccountSpec. */
    accounts: { type: 'string' },
    /** JSON: a list of faults, see Fault. */
    faults: { type: 'string' },
    /** `open`: count calls but never refuse for rate. */
    rates: { type: 'string' },
    'with-parent': { type: 'boolean' },
  },
});

const options: SimulatorOptions = {};
if (values.port !== undefined) options.port = Number(values.port);
if (values.host !== undefined) options.host = values.host;
if (values.seed !== undefined) options.seed = values.seed;
if (values.accounts !== undefined) options.accounts = JSON.parse(values.accounts) as AccountSpec[];
if (values.faults !== undefined) options.faults = JSON.parse(values.faults) as Fault[];
if (values.rates === 'open') options.rates = 'open';

const simulator = await openSimulator(options);
process.stdout.write(
  `${JSON.stringify({ ready: true, url: simulator.url, accounts: simulator.accounts })}\n`,
);

const stop = (): void => {
  void simulator.close().then(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
if (values['with-parent'] === true) {
  process.once('disconnect', stop);
  process.stdin.once('end', stop).once('error', stop).resume();
}
