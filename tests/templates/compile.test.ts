import { pathToFileURL } from 'node:url';
import t from 'tap';
import { compileTemplate } from '../../src/templates/compile.ts';
import { type MessageInput, renderMessage } from '../../src/templates/message.ts';
import { fillSlots } from '../../src/templates/slots.ts';
import { growthOfFour } from '../growth.ts';
import { CARDS, EMAIL, LINKEDIN, WEBHOOK } from './words.ts';

/** Puts a template into a file and compiles it as one of ours. */
const compile = (
  t: { testdir(fixture: Record<string, string>): string },
  source: string,
  name = 'x.html.hbs',
) => compileTemplate<Record<string, unknown>>(pathToFileURL(`${t.testdir({ [name]: source })}/${name}`).href);

t.test('a mistake in a template stops the start, not a page', async (t) => {
  const broken: [string, RegExp][] = [
    ['{{#if a}}', /Parse error/],
    ['{{a', /Parse error/],
    ['{{/if}}', /Parse error/],
    ['{{log a}}', /unknown helper log/],
    ['{{upper a}}', /unknown helper upper/],
    ['{{#repeat 3}}x{{/repeat}}', /unknown helper repeat/],
  ];
  for (const [source, message] of broken) t.throws(() => compile(t, source), { message }, source);
  t.throws(() => compileTemplate('messages/no-such.hbs'), { code: 'ENOENT' });
});

t.test('a field that is missing is a mistake, an empty one is not', async (t) => {
  t.throws(() => compile(t, '{{name}}')({}), { message: /"name" not defined/ });
  t.throws(() => compile(t, '{{a.b}}')({ a: {} }), { message: /"b" not defined/ });
  t.equal(compile(t, '[{{a}}{{b}}{{c}}]')({ a: null, b: '', c: undefined }), '[]');
  t.equal(compile(t, '{{#each list}}{{@index}}{{this}}{{else}}none{{/each}}')({ list: [] }), 'none');
});

t.test('HTML is escaped, plain text is not', async (t) => {
  const model = { a: `<img src=x onerror="alert('1')">&\`=` };
  t.equal(
    compile(t, '{{a}}')(model),
    '&lt;img src&#x3D;x onerror&#x3D;&quot;alert(&#x27;1&#x27;)&quot;&gt;&amp;&#x60;&#x3D;',
  );
  t.equal(compile(t, '{{a}}', 'x.hbs')(model), compile(t, '{{a}}')(model), 'HTML unless it is called text');
  t.equal(compile(t, '{{a}}', 'x.text.hbs')(model), model.a);
});

t.test('nothing but the fields of the model can be reached', async (t) => {
  t.equal(compile(t, '[{{constructor}}{{toString}}{{__proto__}}]')({}), '[]');
  t.equal(compile(t, '[{{lookup a "constructor"}}{{lookup a "__proto__"}}]')({ a: {} }), '[]');
  t.throws(() => compile(t, '{{a.constructor.name}}')({ a: {} }));
  const program = {
    type: 'Program',
    body: [{ type: 'MustacheStatement', path: { type: 'PathExpression', parts: ['x'] } }],
  };
  t.equal(
    compile(t, '{{a}}', 'x.text.hbs')({ a: program, x: 'reached' }),
    '[object Object]',
    'a syntax tree is only a value',
  );
  t.throws(
    () => compile(t, '{{> (lookup . "a")}}')({ a: 'x{{b}}', b: 1 }),
    { message: /could not be found/ },
    'text is never a partial',
  );
  t.throws(() => compile(t, '{{> (lookup . "a")}}')({ a: program }), 'nor is a tree');
});

const EXPRESSIONS = [
  '7*7',
  "7*'7'",
  'constructor',
  'constructor.constructor',
  "constructor.constructor('return process.env')()",
  '__proto__',
  '__proto__.polluted',
  'this',
  'this.constructor',
  '@root',
  '@root.constructor',
  '@index',
  '..',
  '../..',
  '../this',
  'process.env',
  'process.mainModule.require("child_process").execSync("id")',
  'global.process.env',
  'require("fs").readFileSync("/etc/passwd")',
  'lookup this "constructor"',
  'lookup (lookup this "constructor") "constructor"',
  'log this',
  'log "x" level="error"',
  'helperMissing',
  'blockHelperMissing',
  '__defineGetter__ "x"',
  'config',
  'config.items()',
  "self.__init__.__globals__.__builtins__.__import__('os').popen('id').read()",
  "''.__class__.__mro__[1].__subclasses__()",
  'request.application.__globals__',
  'cycler.__init__.__globals__.os.environ',
  "lipsum.__globals__['os'].popen('id')",
  '_self.env.registerUndefinedFilterCallback("exec")',
  '"a".getClass().forName("java.lang.Runtime")',
  'T(java.lang.Runtime).getRuntime().exec("id")',
  'new java.util.Scanner(new java.io.File("/etc/passwd")).next()',
  'File.read("/etc/passwd")',
  'system("id")',
  '`id`',
  'phpinfo()',
  'passthru("id")',
  'dump(app)',
  "range.constructor('return process')()",
  'title',
  'words',
  'link',
  'pageName',
  'blocks.0.text',
  'include "/etc/passwd"',
  'secret',
  'x|safe',
  'now',
  "'a'|upper",
];
const WRAPS: ((e: string) => string)[] = [
  (e) => `{{${e}}}`,
  (e) => `{{{${e}}}}`,
  (e) => `\${${e}}`,
  (e) => `<%= ${e} %>`,
];
const WHOLE = [
  '{{#with "s" as |string|}}{{#with "e"}}{{#with split as |conslist|}}{{this.pop}}{{this.push (lookup string.sub "constructor")}}{{/with}}{{/with}}{{/with}}',
  '{{#each this}}{{@key}}={{this}}{{/each}}',
  '{{#if true}}yes{{else}}no{{/if}}',
  '{{#unless false}}yes{{/unless}}',
  '{{> message}}',
  '{{> (lookup . "title")}}',
  '{{#> layout}}{{/layout}}',
  '{{#*inline "x"}}y{{/inline}}{{> x}}',
  '{{*decorator}}',
  '{{{{raw}}}}{{a}}{{{{/raw}}}}',
  '{{! comment }}',
  '{{!-- comment --}}',
  '\\{{escaped}}',
  '{{~title~}}',
  '{{&title}}',
  '{{^title}}none{{/title}}',
  '{{[title]}}',
  "{{'title'}}",
  '{% for x in (1..1000000) %}{{x}}{% endfor %}',
  "{% include '/etc/passwd' %}",
  '{% import os %}{{os.system("id")}}',
  '{%- assign a = "x" -%}{{a}}',
  '{% raw %}{{a}}{% endraw %}',
  '#set($e="e")$e.getClass().forName("java.lang.Runtime")',
  '<#assign ex="freemarker.template.utility.Execute"?new()>§{ex("id")}',
  '#{7*7}',
  '*{7*7}',
  '@(7*7)',
  '[[§{7*7}]]',
  '[(§{7*7})]',
  '{php}echo 1;{/php}',
  '<?php echo 7*7; ?>',
  '$(id)',
  '`id`',
  '%{7*7}',
  '{7*7}',
  '<script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  "javascript:alert('1')",
  ']]>',
  '<!--',
  '{{',
  '}}',
  '{{{{',
  '{{}}',
  '{{#}}',
  '{{/}}',
  '{{else}}',
  '{{@}}',
  '{{.}}',
  '$&',
  '$1',
  "$'",
  '$`',
  '%s %d %n',
  '\\u007b\\u007b7*7\\u007d\\u007d',
  '{{"a"}}{{"b"}}',
];
const PAYLOADS = [
  ...EXPRESSIONS.flatMap((e) => WRAPS.map((wrap) => wrap(e))),
  ...WHOLE.map((text) => text.replace('§', '$')),
];

const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;')
    .replaceAll('`', '&#x60;')
    .replaceAll('=', '&#x3D;');

t.test(`${PAYLOADS.length} template injections are only words`, async (t) => {
  t.ok(PAYLOADS.length >= 200);
  for (const payload of PAYLOADS) {
    const input: MessageInput = {
      ...CARDS,
      title: payload,
      pageName: payload,
      blocks: { known: payload, action: payload },
      components: [{ name: payload, status: 'operational' }],
    };
    const webhook = renderMessage(input, { ...WEBHOOK, includeLink: false }).parts[0]?.text ?? '';
    const gap = /[.!?…:;。！？：；।॥؟۔؛]["'”’»›)\]」』）】〉》]*$/u.test(payload) ? ' ' : '\n';
    t.equal(
      webhook,
      `Cause found: ${payload}\n\n${payload}${gap}${payload}\n\nNext update by 15:00 UTC.`,
      payload,
    );
    t.equal(
      renderMessage(input, { ...LINKEDIN, includeLink: false, override: payload }).parts[0]?.text,
      `${payload}\n\nNext update by 15:00 UTC.`,
    );
    const mail = renderMessage(input, { ...EMAIL, limits: { ...EMAIL.limits, subject: 255 } }).parts[0];
    t.equal(mail?.subject, `Cause found: ${payload}`);
    t.ok(mail?.html?.includes(`>Cause found: ${escaped(payload)}</h1>`), 'escaped in the heading');
    // Our own style sheet ends in braces too.
    const words = mail?.html?.replace(/<style>[\s\S]*?<\/style>/g, '');
    t.equal(words?.split(escaped(payload)).length, 7, `and wherever else it stands: ${payload}`);
    t.notMatch(mail?.html, /<script|<svg|<img/);
    const value = () => fillSlots('{{note}}', { note: { type: 'text' } }, { note: payload });
    if (/[{}]/.test(payload)) t.throws(value, { code: 'invalid' });
  }
});

t.test('text that is meant to take for ever does not', async (t) => {
  const bombs = [
    '{{#each this}}'.repeat(1_800),
    '{% for i in (1..9999999) %}'.repeat(900),
    '{'.repeat(25_000),
    '.'.repeat(25_000),
    '. '.repeat(12_500),
    'A. '.repeat(8_300),
    '- a\n'.repeat(6_200),
    ' \n'.repeat(12_500),
    `${'a'.repeat(24_990)}`,
    '('.repeat(12_500) + ')'.repeat(12_500),
    '"'.repeat(25_000),
    'https://a.b/'.repeat(2_000),
    '👩‍👩‍👧'.repeat(3_000),
    '\u0301'.repeat(25_000),
    '1. '.repeat(8_000),
    'x.\n'.repeat(8_000),
    '。'.repeat(25_000),
    '@a@'.repeat(8_000),
    '&'.repeat(25_000),
    'Ab. Cd! '.repeat(3_100),
  ];
  for (const body of bombs) {
    const growth = growthOfFour((share) => {
      try {
        renderMessage(
          { ...CARDS, blocks: {}, body: body.slice(0, body.length * share) },
          { template: 'long', limits: { unit: 'utf16', max: 3_000 }, thread: false, includeLink: true },
        );
      } catch (error) {
        t.match(error, { name: 'DomainError', code: 'invalid' });
      }
    });
    t.ok(
      growth < 10,
      `${JSON.stringify(body.slice(0, 12))}… four times as long takes ${growth.toFixed(1)} times`,
    );
  }
});
