/** The look of the timeline pages: ink on paper, rules and columns, both themes. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#12151d;--ink-2:#4b505d;--rule:#d3d6de;--link:#1c4aa0}
@media (prefers-color-scheme:dark){:root{--paper:#0f121a;--ink:#eceef3;--ink-2:#adb3c1;--rule:#333947;--link:#a9c4ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-inline-size:96rem;margin-inline:auto;padding:clamp(1rem,3vw,2.5rem)}
h1,h2,p,ul{margin:0}
h1{font-size:clamp(1.5rem,1.1rem + 1.6vw,2.25rem);line-height:1.15;font-weight:700}
h1 .quiet{font-size:.6em;font-weight:400}
h2{font-size:1.125rem;line-height:1.25}
a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:3px}
:focus-visible{outline:3px solid var(--link);outline-offset:3px}
header{padding-block-end:1.5rem}
header svg{inline-size:1.1em;block-size:1em;margin-inline-end:.35em;fill:currentColor;vertical-align:-.08em}
.quiet{color:var(--ink-2);font-size:.875rem}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:2.5rem 2rem;align-items:start}
.column,.single{border-block-start:6px solid var(--ink);padding-block-start:.75rem;min-inline-size:0}
.column h2 a{color:inherit;text-decoration:none}
.column h2 a:hover{text-decoration:underline}
.count{color:var(--ink-2);font-weight:400}
.single{max-inline-size:44rem}
.empty{padding-block:1rem}
article{border-block-start:1px solid var(--rule);margin-block-start:.75rem;padding-block-start:.75rem}
.post+.post{margin-block-start:.75rem;margin-inline-start:.25rem;padding-inline-start:.875rem;border-inline-start:2px solid var(--rule)}
.theirs .by b::before{content:"";display:inline-block;inline-size:.5rem;block-size:.5rem;border:2px solid var(--ink-2);margin-inline-end:.4rem}
.post.here{border-inline-start:6px solid var(--ink);padding-inline-start:.875rem}
.single>article:first-child{border:0;margin:0}
.by{display:flex;flex-wrap:wrap;gap:0 .4rem;align-items:baseline;font-size:.875rem;color:var(--ink-2)}
.by b{color:var(--ink)}
.by time{white-space:nowrap}
.by>:last-child{color:inherit;margin-inline-start:auto}
.by a{text-decoration-color:var(--rule)}
.by a:hover{text-decoration-color:currentColor}
.words{white-space:pre-wrap;padding-block:.125rem}
.media{display:grid;gap:.25rem;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));padding-block:.375rem}
.media img{display:block;inline-size:100%;block-size:auto;border:1px solid var(--rule);border-radius:.375rem}
pre{margin:.25rem 0;font:.8125rem/1.45 ui-monospace,"SF Mono",Menlo,Consolas,monospace;white-space:pre-wrap}
footer{border-block-start:1px solid var(--rule);margin-block-start:2.5rem;padding-block-start:.75rem}
footer ul{padding-inline-start:1.25rem;font-size:.875rem;color:var(--ink-2)}
@media (forced-colors:active){.column,.single{border-color:CanvasText}}
@media print{a{color:inherit}}
`;

/** The product's mark, a stroke of a bell, for the masthead. */
export const MARK =
  '<svg viewBox="0 0 28 28" aria-hidden="true"><path d="M0 17h3.4v7H0zM6.1 9h3.4v15H6.1zM12.3 1h3.4v27h-3.4zM18.5 9h3.4v15h-3.4zM24.6 17H28v7h-3.4z"/></svg>';

/** Fetches the page anew when something changed and swaps its content; a hidden page waits until it is looked at. */
export const SCRIPT = `
let asked = false, running = false;
async function refresh() {
  if (running || document.hidden) { asked = true; return; }
  running = true; asked = false;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    const text = await answer.text();
    // Only the content: the style in the head carries another nonce than this page's.
    const main = text.slice(text.indexOf('<main>'), text.lastIndexOf('</main>'));
    const fresh = new DOMParser().parseFromString(main, 'text/html');
    document.querySelector('main').replaceWith(fresh.querySelector('main'));
  } catch { } finally {
    running = false;
    if (asked) refresh();
  }
}
const stream = new EventSource('/_sim/stream');
let opened = false;
stream.addEventListener('change', refresh);
stream.addEventListener('open', () => { if (opened) refresh(); opened = true; });
document.addEventListener('visibilitychange', () => { if (asked && !document.hidden) refresh(); });
`;
