import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readConfig } from '../../src/config.ts';
import { newKey } from '../../src/secrets.ts';
import { wordsAt } from '../house.ts';
import { goLive, openLiveHouse } from './live-house.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-git-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();

/** A real bare repository, as a git server has them. */
function openRepository(name: string) {
  const path = join(folder, `${name}.git`);
  git('init', '-q', '--bare', '--initial-branch=main', path);
  const at = (...args: string[]) => git(`--git-dir=${path}`, ...args);
  return {
    path,
    at,
    commits: (branch: string) => at('log', '--format=%s', branch).split('\n'),
    show: (branch: string, file: string) => at('show', `${branch}:${file}`),
    files: (branch: string) => at('ls-tree', '-r', '--name-only', branch).split('\n'),
  };
}
const targetOf = (to: string, branch: string, name: string) => ({
  to,
  branch,
  workFolder: join(folder, `${name}.work`),
  env: { PATH: process.env['PATH'] ?? '', HOME: folder },
});

t.test('the page is a branch: a commit for an update, and nothing of anybody’s is overwritten', async (t) => {
  const there = openRepository('there');
  const mirror = join(folder, 'mirror');
  const mirrorGit = targetOf(there.path, 'pages', 'there');
  const house = await openLiveHouse({ mirror, mirrorGit });
  const incident = await house.openIncident();
  await house.live.settled();
  const before = there.commits('pages').length;
  await house.say(incident);
  await house.live.settled();
  t.strictSame(house.reports, []);
  t.equal(there.commits('pages').length, before + 1, 'many files, one commit');
  t.match(there.show('pages', 'index.html'), 'Card payments fail for some customers.');
  t.match(there.show('pages', `incidents/${incident.id}/index.html`), 'Card payments fail');
  t.notOk(there.files('pages').some((name) => /\.(gz|br|new)$/.test(name)));
  await house.live.settled();
  t.equal(there.commits('pages').length, before + 1, 'nothing new is no commit');

  t.comment('somebody else commits to the branch meanwhile');
  const clone = join(folder, 'clone');
  git('clone', '-q', '--branch', 'pages', there.path, clone);
  writeFileSync(join(clone, 'CNAME'), 'status.company.example');
  git('-C', clone, 'add', '-A');
  git('-C', clone, '-c', 'user.name=Ada', '-c', 'user.email=a@b.example', 'commit', '-q', '-m', 'By hand');
  git('-C', clone, 'push', '-q');
  await house.say(incident, wordsAt(house.clock.now(), 'A third of all cards fail.'));
  await house.live.settled();
  const said = there.commits('pages');
  t.strictSame(said.slice(1, 2), ['By hand'], 'theirs is kept, under ours');
  t.match(there.show('pages', 'index.html'), 'A third of all cards fail.');

  t.comment('a restart goes on from there');
  await house.closeLive();
  const again = await goLive(house, { mirror, mirrorGit });
  await again.live.settled();
  await house.say(incident, wordsAt(house.clock.now(), 'Half of all cards fail.'));
  await again.live.settled();
  t.match(there.show('pages', 'index.html'), 'Half of all cards fail.');
  t.strictSame([...house.reports, ...again.reports], []);
});

t.test('a repository that is away stops nothing, is told of once, and is caught up with', async (t) => {
  const there = openRepository('away');
  const aside = `${there.path}.aside`;
  renameSync(there.path, aside);
  const secret = 'token-that-nobody-sees';
  const mirror = join(folder, 'mirror-away');
  const house = await openLiveHouse({ mirror, mirrorGit: targetOf(there.path, 'main', secret) });
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  await house.live.settled();
  t.equal(house.reports.length, 1);
  t.match(String(house.reports[0]), /git ls-remote failed: .*the repository/);
  t.notMatch(String(house.reports[0]), there.path, 'its address may hold a password');
  t.ok(existsSync(join(mirror, 'index.html')), 'the folder is kept all the same');
  renameSync(aside, there.path);
  await house.say(incident, wordsAt(house.clock.now(), 'A third of all cards fail.'));
  await house.live.settled();
  t.match(there.show('main', 'index.html'), 'A third of all cards fail.');
  t.equal(house.reports.length, 1);
});

t.test('what is given is checked when the process starts', async (t) => {
  const base = { TOCSIN_KEYS: newKey(), DATABASE_FILE: join(folder, 'x.db'), MIRROR_DIR: join(folder, 'm') };
  const read = (to: string, more = {}) => readConfig({ ...base, MIRROR_GIT: to, ...more }).mirrorGit;
  t.match(read('/srv/status.git'), {
    to: '/srv/status.git',
    branch: 'main',
    workFolder: join(folder, 'm.git'),
  });
  t.match(read('git@host.example:org/status.git#gh-pages'), {
    to: 'git@host.example:org/status.git',
    branch: 'gh-pages',
  });
  t.match(read('https://x:y@host.example/status.git#a/b'), { branch: 'a/b' });
  for (const bad of [
    '--upload-pack=touch /tmp/x',
    'ext::sh -c x',
    'http://host.example/x.git',
    'file:///srv/x.git',
    'ssh://-oProxyCommand=x/y',
    '-@x:y',
    '/srv/x.git#-b',
    '/srv/x.git#a..b',
    '/srv/x.git#',
    'relative/path',
  ])
    t.throws(() => read(bad), /MIRROR_GIT/, bad);
  t.throws(() => readConfig({ ...base, MIRROR_DIR: undefined, MIRROR_GIT: '/x' }), /MIRROR_GIT/);
  t.throws(() => read('https://host.example/x.git', { EXERCISE: '1' }), /MIRROR_GIT/);
  t.equal(read('/srv/x.git', { EXERCISE: '1', SECRET: 's', PATH: '/bin' })?.env['SECRET'], undefined);
});
