#include "scenarios/sweep/page_parts.h"

namespace rtclab::sweep {

// The curves' colours are told apart by those who see few (Okabe and Ito, 2008), a little lighter
// in the dark.
std::string_view sweep_style() {
  return R"css(
:root { --curve-1: #0072b2; --curve-2: #d55e00; --curve-3: #009e73; --curve-4: #cc79a7; --curve-5: #b8860b;
  --curve-6: #3a9fd8; --curve-7: #7a4fb3; --curve-8: #57606a;
  --poor: #e5703f; --rich: #5aa7d6; --much: #9a6fd0; }
@media (prefers-color-scheme: dark) { :root { --curve-1: #4db0ec; --curve-2: #ff8f4d; --curve-3: #35c79a;
  --curve-4: #e29bc4; --curve-5: #e0b341; --curve-6: #8fd0f5; --curve-7: #b394ee; --curve-8: #aab4be;
  --poor: #b4502a; --rich: #2f79a8; --much: #7d55b8; } }
.sweep section { scroll-margin-top: 1rem; }
.scroll { overflow-x: auto; }
.plot { max-width: 52rem; margin: .5rem 0 1rem; overflow-x: auto; }
.plot svg { display: block; width: 100%; min-width: 34rem; height: auto; color: var(--ink); }
.plot text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
table { border-collapse: collapse; font-size: .9rem; }
.list th, .list td { text-align: left; padding: .3rem .75rem .3rem .25rem; border-bottom: 1px solid var(--line);
  vertical-align: top; font-variant-numeric: tabular-nums; }
.list .number { text-align: right; white-space: nowrap; }
.list th[scope=row] { font-weight: 400; }
.late { color: var(--ink); background: color-mix(in oklab, transparent, var(--much) calc(var(--v) * 70%)); }
.heat { border-collapse: separate; border-spacing: 2px; }
.heat th { font-weight: 400; text-align: right; padding: 0 .4rem; white-space: nowrap; }
.heat .corner { color: var(--faint); font-size: .8rem; vertical-align: bottom; }
.heat thead.level th { text-align: center; padding-bottom: .2rem; }
.heat thead.upright th:not(.corner) { vertical-align: bottom; text-align: left; padding: 0 0 .3rem; }
.heat thead.upright span { writing-mode: vertical-rl; transform: rotate(180deg); }
.heat td { padding: 0; min-width: 2.8rem; border-radius: 3px; text-align: center;
  font-variant-numeric: tabular-nums; }
.heat td a { display: block; padding: .28rem .3rem; color: var(--ink); text-decoration: none; border-radius: 3px; }
.heat td a:hover, .heat td a:focus { outline: 2px solid var(--ink); outline-offset: -1px; }
.heat td.share { background: color-mix(in oklab, var(--poor), var(--rich) calc(var(--v) * 100%)); }
.heat td.number { background: color-mix(in oklab, var(--panel), var(--much) calc(var(--v) * 85%)); }
.heat td.never { background: repeating-linear-gradient(45deg, var(--panel) 0 4px, var(--line) 4px 6px); }
.legend { color: var(--faint); font-size: .85rem; }
.ramp { display: inline-block; width: 8rem; height: .7rem; border-radius: 3px; vertical-align: middle; margin-right: .4rem; }
.ramp.share { background: linear-gradient(in oklab to right, var(--poor), var(--rich)); }
.ramp.number { background: linear-gradient(in oklab to right, var(--panel), color-mix(in oklab, var(--panel), var(--much) 85%));
  border: 1px solid var(--line); }
.card { display: none; }
.card:target { display: block; position: fixed; z-index: 2; left: 0; right: 0; bottom: 0; max-height: 60vh; overflow: auto;
  padding: 1rem max(1.25rem, calc(50vw - 38rem)); background: var(--panel); border-top: 3px solid var(--link);
  box-shadow: 0 -.5rem 2rem rgb(0 0 0 / .25); }
.card h4 { margin: 0 2rem .3rem 0; font-size: 1rem; }
.card ul { margin: .5rem 0 0; padding-left: 1.1rem; }
.card li { margin-bottom: .4rem; }
.card .close { float: right; text-decoration: none; font-size: 1.1rem; padding: 0 .5rem; }
.replay { user-select: all; overflow-wrap: anywhere; }
details > summary { cursor: pointer; color: var(--faint); margin: .5rem 0; }
@media (max-width: 40rem) { .heat td { min-width: 2rem; } .heat th[scope=row], .heat .corner { white-space: normal; }
  .list .replay { min-width: 16rem; display: inline-block; } }
@media print { .card:target { position: static; } }
)css";
}

}  // namespace rtclab::sweep
