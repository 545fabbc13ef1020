import { SCORECARD_STYLE } from './scorecard/style.ts';

/** One block for screen, dark mode and paper. Green and vermilion of Okabe and Ito, told apart by most eyes. */
export const STYLE = `:root{--ink:#1b1b1b;--paper:#fff;--line:#d0d0d0;--good:#00714e;--bad:#a94500;--soft:#666;--was:#9ecae8;--is:#d55e00}
@media(prefers-color-scheme:dark){:root{--ink:#eee;--paper:#161616;--line:#444;--good:#3fc79a;--bad:#ff8a4a;--soft:#a5a5a5;--was:#2b5d80;--is:#ff8a4a}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:70rem;margin:0 auto;padding:1rem}
header{border-left:.5rem solid var(--good);padding-left:1rem}header.bad{border-color:var(--bad)}header.running{border-color:var(--line)}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;border-bottom:1px solid var(--line)}h3{font-size:1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}.wide svg{max-width:none}table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid var(--line);padding:.2rem .5rem;text-align:left;vertical-align:top}
.wide td:first-child:not([colspan]){white-space:nowrap}tr.pass td:first-child{color:var(--good)}tr.fail td:first-child,tr.missing td:first-child,tr.inconclusive td:first-child{color:var(--bad);font-weight:600}
svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:11px system-ui,sans-serif}svg path.step{fill:none;stroke:#d55e00;stroke-width:2}svg path.axis{fill:none;stroke:var(--line)}
svg .b{fill:var(--was)}svg .c{fill:none;stroke:var(--is);stroke-width:1.8;stroke-linejoin:round}svg .f{fill:var(--is)}svg .x,svg .w,svg .l{fill:none;stroke:var(--line)}svg .l{stroke:var(--soft)}svg .w{stroke:var(--soft);stroke-dasharray:3 4}
svg .e{text-anchor:end}svg .m{text-anchor:middle}svg .h{fill:none;stroke:var(--is);stroke-width:13}svg .h0{stroke:var(--line);stroke-opacity:.4}svg .h1{stroke-opacity:.22}svg .h2{stroke-opacity:.45}svg .h3{stroke-opacity:.75}svg .h4{stroke:var(--bad)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1rem;align-items:start}.card{border:1px solid var(--line);border-radius:.4rem;padding:.6rem .9rem;break-inside:avoid;min-width:0}.card h3{font-size:1rem;margin:0;overflow-wrap:anywhere}.card p{margin:.2rem 0 .5rem;font-size:.85rem;color:var(--soft);overflow-wrap:anywhere}.card svg{display:block;margin:.3rem 0;width:320px}
.drift,.blocked{--mark:var(--bad)}.warn,.inconclusive{--mark:var(--ink)}.steady{--mark:var(--good)}.mark{color:var(--mark);font-weight:600;white-space:nowrap}.drift.card,.blocked.card{border-left:.25rem solid var(--bad)}
.key{color:var(--soft);font-size:.85rem}.key i{display:inline-block;width:1.1rem;height:.7rem;margin:0 .3rem 0 .9rem;background:var(--was)}.key i.is{height:0;border-top:2px solid var(--is);background:none;vertical-align:.25rem}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}summary{font-size:.85rem;color:var(--soft);cursor:pointer}pre{font-size:.8rem;overflow-x:auto;tab-size:12}
.bar{display:inline-block;width:6rem;height:.55rem;background:linear-gradient(var(--bad),var(--bad)) 50%/1px 100% no-repeat,linear-gradient(var(--mark),var(--mark)) 0/var(--to) 100% no-repeat,linear-gradient(var(--line),var(--line)) 0 100%/100% 1px no-repeat}
${SCORECARD_STYLE}
footer{margin-top:2rem;font-size:.85rem;overflow-wrap:anywhere}@media print{body{max-width:none}.wide svg{max-width:100%}details>*{display:block}}`;
