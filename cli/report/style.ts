/** The page's only style sheet: light and dark, screen and paper. Colours keep a contrast of 4.5 to 1 (WCAG 2.2, 1.4.3). */
export const STYLE = `
:root { color-scheme: light dark;
  --back: #ffffff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --box: #f6f8fa;
  --holds: #0f5f2e; --holds-back: #dcf5e3; --violated: #9b1c1c; --violated-back: #fde4e4; --unknown: #6f4a00; --unknown-back: #fdf0cc; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root {
  --back: #0d1117; --text: #e6edf3; --soft: #9da7b3; --line: #30363d; --box: #161b22;
  --holds: #7ee2a0; --holds-back: #10331d; --violated: #ffb3ad; --violated-back: #4a1512; --unknown: #f0cd78; --unknown-back: #3d2e05; --link: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 75rem; padding: 1.5rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; } h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; } h3 { font-size: 1rem; margin: 1rem 0 .3rem; }
a { color: var(--link); } a.skip { position: absolute; left: -99rem; } a.skip:focus { position: static; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; list-style: none; padding: 0; margin: .8rem 0 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.badge { display: inline-block; border-radius: .3rem; padding: .05rem .5rem; font-weight: 600; white-space: nowrap; }
.holds, .contained { color: var(--holds); background: var(--holds-back); } .violated { color: var(--violated); background: var(--violated-back); } .unknown { color: var(--unknown); background: var(--unknown-back); }
.verdict { font-size: 1.2rem; padding: .6rem 1rem; border-radius: .4rem; }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline-offset: 0; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); } thead th { color: var(--soft); font-weight: 600; }
table.matrix td.cell { white-space: nowrap; text-align: center; font-weight: 600; border: 2px solid var(--back); }
table.matrix td:last-child { min-width: 22rem; } td { min-width: 6rem; } table.matrix td.cell { min-width: 0; }
code, pre, svg text { font-family: ui-monospace, "DejaVu Sans Mono", monospace; } pre { background: var(--box); padding: .8rem; border-radius: .4rem; white-space: pre-wrap; font-size: .85rem; }
article { border: 1px solid var(--line); border-radius: .4rem; padding: .7rem 1rem; margin: .7rem 0; } article > p { margin: .3rem 0; }
ol.way { display: flex; flex-wrap: wrap; list-style: none; padding: 0; margin: .6rem 0; gap: .6rem 1.6rem; }
ol.way li { position: relative; background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .7rem; max-width: 22rem; font-size: .9rem; }
ol.way li:not(:last-child)::after { content: "→"; position: absolute; right: -1.35rem; top: .4rem; color: var(--soft); }
ol.way li strong { display: block; } ol.way li.decides { border: 2px solid var(--violated); } ol.way li.end { background: var(--violated-back); color: var(--violated); }
details { border: 1px solid var(--line); border-radius: .4rem; padding: .5rem 1rem; margin: .6rem 0; } summary { cursor: pointer; font-weight: 600; }
svg { display: block; } svg path { fill: none; stroke: var(--soft); stroke-opacity: .55; } svg rect { fill: var(--box); stroke: var(--line); } svg text { font-size: 12px; fill: var(--soft); } svg text.first { fill: var(--text); font-weight: 600; } svg .gateway rect { fill: var(--holds-back); stroke: var(--holds); } svg .gateway text { fill: var(--holds); }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .9rem; }
@media (max-width: 40rem) { body { padding: .8rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { :root { color-scheme: light; --back: #fff; --text: #000; --soft: #444; --line: #999; --box: #fff; --holds: #0f5f2e; --holds-back: #dcf5e3; --violated: #9b1c1c; --violated-back: #fde4e4; --unknown: #6f4a00; --unknown-back: #fdf0cc; }
  body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact; } nav, a.skip { display: none; } svg { max-width: 100%; height: auto; } article, tr, ol.way li { break-inside: avoid; } h2 { break-after: avoid; } details::details-content { content-visibility: visible; display: block; } .scroll { overflow: visible; } }
`;
