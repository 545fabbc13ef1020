/** One block for screen, dark mode and paper. Green and vermilion of Okabe and Ito, told apart by most eyes. */
export const STYLE = `:root{--ink:#1b1b1b;--paper:#fff;--line:#d0d0d0;--good:#00714e;--bad:#a94500}
@media(prefers-color-scheme:dark){:root{--ink:#eee;--paper:#161616;--line:#444;--good:#3fc79a;--bad:#ff8a4a}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:70rem;margin:0 auto;padding:1rem}
header{border-left:.5rem solid var(--good);padding-left:1rem}header.bad{border-color:var(--bad)}header.running{border-color:var(--line)}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;border-bottom:1px solid var(--line)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid var(--line);padding:.2rem .5rem;text-align:left;vertical-align:top}
tr.pass td:first-child{color:var(--good)}tr.fail td:first-child,tr.missing td:first-child,tr.inconclusive td:first-child{color:var(--bad);font-weight:600}
svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:11px system-ui,sans-serif}svg path.step{fill:none;stroke:#d55e00;stroke-width:2}svg path.axis{fill:none;stroke:var(--line)}
footer{margin-top:2rem;font-size:.85rem;overflow-wrap:anywhere}@media print{body{max-width:none}details>*{display:block}}`;
