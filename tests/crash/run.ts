import { parseArgs } from 'node:util';
import { crashRun } from './crash-run.ts';

/**
 * `npm run test:crash -- --kills 200 --seed 1 --database sqlite`: kills the real server at random while it speaks to
 * networks that fail, and compares what they have with what we say. The last line is one JSON object; the exit code is
 * 0 only if nothing was lost, doubled or claimed falsely.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    database: { type: 'string', default: 'sqlite' },
    failpoint: { type: 'string' },
  },
});
const database = values.database;
if (database !== 'sqlite' && database !== 'postgres') {
  process.stderr.write('--database is sqlite or postgres.\n');
  process.exit(2);
}
const result = await crashRun({
  kills: Number(values.kills),
  seed: values.seed,
  database,
  say: (line) => void process.stdout.write(`${line}\n`),
  ...(values.failpoint === undefined ? {} : { failpoints: values.failpoint.split(',') }),
});
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode =
  result.lost + result.duplicated + result.false_delivered === 0 && result.integrity === 'ok' ? 0 : 1;
