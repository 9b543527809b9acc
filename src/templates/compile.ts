import { existsSync, readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';

/**
 * Typed Handlebars for files that ship with the code. What people write is only ever a value in a model, never
 * source: nothing here takes a template from anywhere but this folder, and the compiler is not exported.
 */

const ROOT = new URL('./', import.meta.url);
const PARTIALS = new URL('partials/', ROOT);

const engine = Handlebars.create();
// It would write to stdout.
engine.unregisterHelper('log');

/** Escaping goes by the name: `*.text.hbs` is plain text, every other file is HTML. */
function compileFile(url: URL): Handlebars.TemplateDelegate {
  const template = engine.compile(readFileSync(url, 'utf8'), {
    strict: true,
    knownHelpersOnly: true,
    knownHelpers: { log: false },
    noEscape: url.pathname.endsWith('.text.hbs'),
    preventIndent: true,
  });
  // Handlebars puts the work off to the first call. Doing it now makes a broken file stop the start, not an incident.
  (template as unknown as { _setup(options: object): void })._setup({});
  return template;
}

if (existsSync(PARTIALS))
  for (const path of readdirSync(PARTIALS, { recursive: true, encoding: 'utf8' }))
    if (path.endsWith('.hbs'))
      engine.registerPartial(
        path.replace(/(\.text|\.html)?\.hbs$/, ''),
        compileFile(new URL(path, PARTIALS)),
      );

/**
 * Compiles `file` (a path below src/templates, such as `messages/post.text.hbs`) once, and gives the function that
 * renders it. Call it at module level, so that a mistake in a template shows at start. A field that is printed must be
 * in the model, or rendering throws (null and '' print nothing). Rules and formats belong in the model: the only
 * helpers are `if`, `unless`, `each`, `with` and `lookup`. Files in `partials/` are partials, named by their path
 * without its ending: `{{> head}}`, `{{> incident/update}}`.
 */
export function compileTemplate<Model extends object>(file: string): (model: Model) => string {
  const template = compileFile(new URL(file, ROOT));
  return (model) =>
    template(model, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false });
}
