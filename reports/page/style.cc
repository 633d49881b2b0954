#include "reports/page/markup.h"

namespace rtclab::page {

std::string_view style_sheet() {
  return R"css(
:root { color-scheme: light dark; --ground: #ffffff; --panel: #f6f7f9; --ink: #1b1f24; --faint: #59636e;
  --line: #d5dae0; --paper: #ffffff; --link: #0b5cad; --good: #1a7f37; --bad: #b3261e; --advice: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --panel: #1c2126; --ink: #e6e9ec; --faint: #9aa4ae;
  --line: #363d45; --paper: #10151f; --link: #7db7ff; --good: #57c777; --bad: #ff8a80; --advice: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 78rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .4rem 0; }
a { color: var(--link); }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; font-size: .86em; }
.faint { color: var(--faint); }
.good { color: var(--good); } .bad { color: var(--bad); } .advice { color: var(--advice); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1rem; padding: .5rem 0;
  border-bottom: 1px solid var(--line); }
dl.summary { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: 1.25rem 0; }
dl.summary dt { font-weight: 600; } dl.summary dd { margin: 0; overflow-wrap: anywhere; }
.picture { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; }
.picture svg { display: block; margin: 0 auto; max-width: 100%; height: auto; }
.sequence { margin: 0 calc(50% - min(50vw - 1rem, 48rem)); }
.sequence svg { min-width: 64rem; }
.pairs svg, .media svg { min-width: 44rem; }
.verdicts { border-top: 1px solid var(--line); }
.verdicts details { border-bottom: 1px solid var(--line); }
.verdicts summary { display: grid; grid-template-columns: 7.5rem 9rem 1fr; gap: .25rem .75rem; padding: .45rem .25rem;
  cursor: pointer; }
.verdicts summary:hover { background: var(--panel); }
.verdicts .badge { font-weight: 600; }
.verdicts .body { padding: 0 .25rem .75rem 8.5rem; }
.verdicts ul { margin: .25rem 0; padding-left: 1.1rem; }
.counts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-bottom: .75rem; }
.message { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; }
.message summary { padding: .35rem .75rem; cursor: pointer; overflow-wrap: anywhere; }
.message pre { margin: 0; padding: .5rem .75rem .75rem; overflow-x: auto; background: var(--panel); }
footer { margin-top: 3rem; padding-top: 1rem; padding-bottom: 2rem; border-top: 1px solid var(--line);
  color: var(--faint); font-size: .9rem; }
@media (max-width: 40rem) {
  dl.summary { grid-template-columns: 1fr; gap: 0; } dl.summary dd { margin-bottom: .5rem; }
  .verdicts summary { grid-template-columns: 1fr; } .verdicts .body { padding-left: .75rem; }
}
@media print { nav { display: none; } }
)css";
}

}  // namespace rtclab::page
