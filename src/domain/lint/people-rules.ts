import type { Finding, LintInput } from './lint.ts';
import { passages } from './lint.ts';

/** L18: what could be used against a person, or be read by somebody who has not been told. */
export function peopleFindings(
  input: Pick<
    LintInput,
    'blocks' | 'body' | 'facts' | 'grave' | 'peopleHarmed' | 'gateOpen' | 'officialHosts'
  >,
): Finding[] {
  const list: Finding[] = [];
  for (const p of passages(input)) {
    const add = (quote: string, message: string, fix: string) =>
      void list.push({ id: 'L18', level: 'block', field: p.field, quote, message, fix });
    for (const quote of personal(p.text, input.officialHosts))
      add(quote, 'This is somebody’s personal data.', 'Take it out, or use an address of the company.');
    if (input.gateOpen === true) continue;
    for (const f of input.facts)
      if (/\bnames?\b/i.test(f.key) && has(p.text, f.value))
        add(
          f.value,
          'This names a person before those close to them were told.',
          'Take the name out until everybody close was told.',
        );
    if (!input.grave && !input.peopleHarmed) continue;
    const death = DEATH.exec(p.text)?.[0];
    if (death !== undefined)
      add(
        death,
        'This speaks of deaths before those close to them were told in person or by phone.',
        'Wait, and open the gate on the incident when everybody was told.',
      );
  }
  return list;
}

const DEATH =
  /\b(?:died|dead|deaths?|killed|fatal(?:ly|ity|ities)?|deceased|lost (?:his|her|their) li(?:fe|ves)|no survivors|nobody survived|bodies|passed away)\b/i;

const has = (text: string, value: string) =>
  value.trim() !== '' && text.toLocaleLowerCase('en').includes(value.trim().toLocaleLowerCase('en'));

/** Private mail addresses, card and account numbers, dates of birth. Phone numbers are how people reach us: not looked for. */
function personal(text: string, official: readonly string[]): string[] {
  const mail = [...text.matchAll(/[\p{L}\p{N}._%+-]+@([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/gu)]
    .filter(([, host = '']) => !official.some((h) => belongs(host.toLowerCase(), h.toLowerCase())))
    .map(([found]) => found);
  const cards = [...text.matchAll(/(?<![\d+])\d(?:[ -]?\d){12,18}(?!\d)/g)]
    .map(([found]) => found)
    .filter((found) => isCard(found.replace(/\D/g, '')));
  const accounts = [...text.matchAll(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g)].map(
    ([found]) => found,
  );
  const births = [
    ...text.matchAll(/\b(?:born on|date of birth|d\.?o\.?b\.?)[:\s]+\d{1,4}[ ./-]\w{1,9}[ ./-]\d{1,4}/gi),
  ].map(([found]) => found);
  return [...new Set([...mail, ...cards, ...accounts, ...births])];
}

/** `help@pay.example` of a page at `status.pay.example`: the same company, its last two labels. */
function belongs(host: string, official: string): boolean {
  const company = official.split('.').slice(-2).join('.');
  return host === official || host === company || host.endsWith(`.${company}`);
}

/** Luhn: what every card number obeys, and one in ten other numbers. */
function isCard(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const n = Number(digits[digits.length - 1 - i]);
    const d = i % 2 === 1 ? n * 2 : n;
    sum += d > 9 ? d - 9 : d;
  }
  return digits.length >= 13 && sum % 10 === 0;
}
