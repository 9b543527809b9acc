const WORTH_READING = 40; // lines of one failure; the rest is in the record

/**
 * The failed assertions of a TAP record (tap's own, subtests indented by four), each with where it stood and what it said.
 * A subtest that failed only because of what is in it is not repeated.
 */
export function failuresIn(tap) {
  const failures = [];
  const path = [];
  let open; // the failure whose diagnosis we are reading
  let source = false;
  let deepest = -1; // depth of the last failure told: its parents fail with it
  for (const line of tap.split('\n')) {
    const depth = Math.floor(line.search(/\S|$/) / 4);
    const text = line.trim();
    if (open) {
      if (text === '...') open = undefined;
      else if (/^\w+:/.test(line.slice(open.indent))) source = /^(source|at):/.test(text);
      if (open && !source && text !== '---' && text !== '' && open.lines.length < WORTH_READING)
        open.lines.push(line.slice(open.indent));
      continue;
    }
    if (text.startsWith('# Subtest: ')) {
      path.length = depth;
      path[depth] = text.slice(11);
      continue;
    }
    const plan = /^(not )?ok \d+ -? ?(.*)$/.exec(text);
    if (!plan) continue;
    const parent = deepest > depth;
    if (plan[1] && !parent && !/# (SKIP|TODO)/i.test(text)) {
      open = { where: [...path.slice(0, depth), plan[2]].join(' > '), lines: [], indent: depth * 4 + 2 };
      source = false;
      failures.push(open);
      deepest = depth;
    } else if (parent) deepest = plan[1] ? depth : -1;
  }
  return failures.map(({ where, lines }) => [`✖ ${where}`, ...lines.map((l) => `    ${l}`)].join('\n'));
}
