import type { Test } from 'tap';
import { all, type Element, elements, one, say, textOf } from './xml.ts';

// The schema of CAP 1.2: names in order, with how often each may stand.
const ALERT: readonly [string, '1' | '?' | '*'][] = [
  ['identifier', '1'],
  ['sender', '1'],
  ['sent', '1'],
  ['status', '1'],
  ['msgType', '1'],
  ['source', '?'],
  ['scope', '1'],
  ['restriction', '?'],
  ['addresses', '?'],
  ['code', '*'],
  ['note', '?'],
  ['references', '?'],
  ['incidents', '?'],
  ['info', '*'],
];
const INFO: readonly [string, '1' | '?' | '*'][] = [
  ['language', '?'],
  ['category', '1'],
  ['event', '1'],
  ['responseType', '*'],
  ['urgency', '1'],
  ['severity', '1'],
  ['certainty', '1'],
  ['audience', '?'],
  ['eventCode', '*'],
  ['effective', '?'],
  ['onset', '?'],
  ['expires', '?'],
  ['senderName', '?'],
  ['headline', '?'],
  ['description', '?'],
  ['instruction', '?'],
  ['web', '?'],
  ['contact', '?'],
  ['parameter', '*'],
  ['resource', '*'],
  ['area', '*'],
];
const WORDS: Record<string, string> = {
  status: 'Actual|Exercise|System|Test|Draft',
  msgType: 'Alert|Update|Cancel|Ack|Error',
  scope: 'Public|Restricted|Private',
  category: 'Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other',
  responseType: 'Shelter|Evacuate|Prepare|Execute|Avoid|Monitor|Assess|AllClear|None',
  urgency: 'Immediate|Expected|Future|Past|Unknown',
  severity: 'Extreme|Severe|Moderate|Minor|Unknown',
  certainty: 'Observed|Likely|Possible|Unlikely|Unknown',
};
// §3.2.1: a zone is always a number, and UTC is -00:00.
const CAP_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/;

function inOrder(t: Test, of: Element, rules: typeof ALERT): void {
  const names = elements(of).map((e) => e.name);
  const places = names.map((name) => rules.findIndex(([known]) => known === name));
  t.ok(
    places.every((at) => at >= 0),
    `${of.name} has only what it may have: ${names}`,
  );
  t.strictSame(
    places,
    [...places].sort((a, b) => a - b),
    `${of.name} is in the schema's order`,
  );
  for (const [name, times] of rules) {
    const n = names.filter((x) => x === name).length;
    t.ok(times === '*' || (times === '1' ? n === 1 : n <= 1), `${name} stands ${n} times`);
  }
  for (const child of elements(of)) {
    if (WORDS[child.name]) t.ok(WORDS[child.name]!.split('|').includes(textOf(child)), textOf(child));
    if (['sent', 'effective', 'onset', 'expires'].includes(child.name)) t.match(textOf(child), CAP_TIME);
  }
}

/** CAP 1.2: what an alert must have, in the order of its schema; gives it back. */
export function checkAlert(t: Test, alert: Element): Element {
  t.equal(alert.name, 'alert');
  t.equal(alert.attributes['xmlns'], 'urn:oasis:names:tc:emergency:cap:1.2');
  inOrder(t, alert, ALERT);
  for (const name of ['identifier', 'sender'])
    t.notMatch(say(alert, name), /[ ,<&]/, `${name} may be in a reference`);
  const info = one(alert, 'info');
  inOrder(t, info, INFO);
  for (const parameter of all(info, 'parameter'))
    t.strictSame(
      elements(parameter).map((e) => e.name),
      ['valueName', 'value'],
    );
  for (const area of all(info, 'area')) t.equal(elements(area)[0]?.name, 'areaDesc');
  t.ok(URL.canParse(say(info, 'web')));
  if (say(alert, 'msgType') !== 'Alert')
    t.match(say(alert, 'references'), /^[^ ,]+,[^ ,]+,\S+( [^ ,]+,[^ ,]+,\S+)*$/);
  return alert;
}
