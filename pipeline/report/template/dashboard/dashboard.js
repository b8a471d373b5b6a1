(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("cells").textContent);
  const at = id => document.getElementById(id);
  const [M, A, P, K, G, V, L, H, N, D, S, R] = [...Array(12).keys()];  // columns of a cell, as dashboard.py writes them
  const SPLITS = { "": "Nothing: all people", site: "Site", payer: "Payer", race: "Race or ethnicity" };
  const NAMES = ["measure", "period", "split", "group", "levels"];
  const kind = p => p.startsWith("12") ? 0 : p === "" ? 1 : /Q/.test(p) ? 2 : /H/.test(p) ? 3 : /-/.test(p) ? 5 : 4;
  const told = data.cells.filter(c => !c[S]), whole = told.filter(c => !c[K]);
  const first = whole.find(c => kind(c[P]) === 0) ?? whole[0] ?? told[0];  // where a number is told to begin with
  const START = { measure: String(first?.[M] ?? 0), period: first ? String(kind(first[P])) : "", split: first?.[K] ?? "", group: "", levels: "" };
  const state = { ...START };
  const pct = v => v > 0 && v < 0.005 ? "under 1%" : v < 1 && v >= 0.995 ? "over 99%" : Math.round(100 * v) + "%";
  const tick = v => Number((100 * v).toFixed(2)) + "%";
  const count = v => v == null ? "" : v.toLocaleString("en-US");
  const make = (tag, words, more) => Object.assign(document.createElement(tag), { textContent: words ?? "" }, more);
  const ns = "http://www.w3.org/2000/svg";
  const draw = (tag, given, words) => {
    const one = document.createElementNS(ns, tag);
    for (const [name, value] of Object.entries(given)) one.setAttribute(name, value);
    if (words !== undefined) one.textContent = words;
    return one;
  };

  const fromAddress = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const others = location.hash.length > 1 ? { measure: START.measure } : START;
    for (const name of NAMES) state[name] = given.get(name) ?? others[name] ?? "";
  };
  const toAddress = () => {
    const told = new URLSearchParams(NAMES.filter(n => state[n]).map(n => [n, state[n]]));
    history.replaceState(null, "", "#" + told);
  };
  const options = (id, pairs, chosen) => {
    at(id).replaceChildren(...pairs.map(([value, words]) => make("option", words, { value, selected: value === chosen })));
    at(id).disabled = pairs.length < 2;
  };
  const unique = list => [...new Set(list)];
  const SPANS = ["Last 12 months", "All periods", "By quarter", "By half-year", "By year", "By month"];

  const chosen = () => data.cells.filter(c => String(c[M]) === state.measure);
  const shown = () => chosen().filter(c => c[K] === state.split && (!state.group || c[G] === state.group)
    && String(kind(c[P])) === state.period && (!state.levels || state.levels.split(" ").includes(String(c[A]))));

  const settle = () => {
    if (!data.measures[state.measure]) state.measure = START.measure;
    options("measure", data.measures.map((m, i) => [String(i), m.title]), state.measure);
    const splits = unique(["", ...chosen().map(c => c[K])]);
    if (!splits.includes(state.split)) state.split = "";
    options("split", splits.map(s => [s, SPLITS[s]]), state.split);
    const groups = state.split ? unique(chosen().filter(c => c[K] === state.split).map(c => c[G])).sort() : [];
    if (!groups.includes(state.group)) state.group = "";
    options("group", [["", state.split ? "Each of them" : "–"], ...groups.map(g => [g, data.names[g] ?? g])], state.group);
    const spans = unique(chosen().filter(c => c[K] === state.split).map(c => kind(c[P]))).sort();
    if (!spans.map(String).includes(state.period)) state.period = String(spans[0] ?? 0);
    options("period", spans.map(s => [String(s), SPANS[s]]), state.period);
    const arms = unique(chosen().filter(c => c[K] === state.split).map(c => c[A])).sort((a, b) => a - b);
    const kept = state.levels.split(" ").filter(a => arms.map(String).includes(a));
    state.levels = kept.length === arms.length ? "" : kept.join(" ");
    at("levels").replaceChildren(...arms.map(a => {
      const box = make("input", "", { type: "checkbox", value: String(a), checked: !kept.length || kept.includes(String(a)) });
      const label = make("label");
      label.append(box, " " + data.arms[a].name);
      return label;
    }));
  };

  const again = () => shown().some(c => c[R]);  // some stand as an earlier edition released them, on that day
  const said = c => c[S] ? c[S] : pct(c[V]);
  const rows = () => shown().map(c => [data.arms[c[A]].name, data.names[c[G]] ?? c[G], c[P] || "all periods", said(c),
    c[L] == null ? "" : pct(c[L]) + " to " + pct(c[H]), c[D] == null ? "" : count(c[N]) + " of " + count(c[D]), ...(again() ? [c[R] ?? ""] : [])]);
  const heads = () => ["Level", ...(state.split ? [SPLITS[state.split]] : []), "Period", "Share", "95% range", "Counts",
    ...(again() ? ["As released"] : [])];
  const trimmed = row => state.split ? row : [row[0], ...row.slice(2)];

  const table = () => {
    const top = make("tr");
    top.append(...heads().map(h => make("th", h, { scope: "col" })));
    const body = rows().map(row => {
      const [first, ...rest] = trimmed(row), line = make("tr");
      line.append(make("th", first, { scope: "row" }), ...rest.map(cell => make("td", cell)));
      return line;
    });
    at("head").replaceChildren(top);
    at("body").replaceChildren(...body);
    const hidden = shown().filter(c => c[S]).length;
    at("told").textContent = `${data.measures[state.measure].title}: ${body.length} ${body.length === 1 ? "row" : "rows"}`
      + (hidden ? `, ${hidden} of them without an exact number` : "") + ".";
  };

  const marker = (arm, x, y) => {
    const color = data.arms[arm].color, shape = data.arms[arm].shape;
    if (shape === "s") return draw("rect", { x: x - 3.5, y: y - 3.5, width: 7, height: 7, fill: color });
    if (shape === "D") return draw("path", { d: `M${x} ${y - 5}l5 5l-5 5l-5-5z`, fill: color });
    if (shape === "^") return draw("path", { d: `M${x} ${y - 5}l5 9h-10z`, fill: color });
    return draw("circle", { cx: x, cy: y, r: 3.8, fill: color });
  };
  const frame = (height, label, about) => {
    const svg = draw("svg", { viewBox: `0 0 900 ${height}`, role: "img", "font-size": 13, "font-family": "Arial, sans-serif" });
    svg.append(draw("title", {}, label), draw("desc", {}, about));
    return svg;
  };
  const bounds = cells => {
    const all = cells.filter(c => !c[S]).flatMap(c => [c[V], c[L] ?? c[V], c[H] ?? c[V]]);
    const low = Math.max(0, Math.floor(Math.min(...all) * 25) / 25), high = Math.min(1, Math.ceil(Math.max(...all) * 25) / 25);  // four steps of whole percents
    return [low, high > low ? high : low + 0.04];
  };

  const trend = cells => {
    const periods = unique(cells.map(c => c[P])).sort(), [low, high] = bounds(cells);
    const svg = frame(330, data.measures[state.measure].title, "Each line a level; the table below holds every number.");
    const x = p => 60 + 660 * (periods.length > 1 ? periods.indexOf(p) / (periods.length - 1) : 0.5);
    const y = v => 280 - 250 * (v - low) / (high - low);
    for (let i = 0; i <= 4; i++) {
      const v = low + (high - low) * i / 4;
      svg.append(draw("path", { d: `M60 ${y(v)}H720`, stroke: "#e3e8ed" }),
        draw("text", { x: 52, y: y(v) + 4, "text-anchor": "end", fill: "#56626e" }, tick(v)));
    }
    const step = Math.ceil(periods.length / 8);
    periods.forEach((p, i) => i % step === 0 && svg.append(
      draw("text", { x: x(p), y: 306, "text-anchor": "middle", fill: "#56626e" }, p)));
    const ends = [];
    for (const arm of unique(cells.map(c => c[A]))) {
      const own = cells.filter(c => c[A] === arm).sort((a, b) => a[P] < b[P] ? -1 : 1), known = own.filter(c => !c[S]);
      let path = "", broken = true;
      for (const c of own) {
        if (!c[S]) path += (broken ? "M" : "L") + x(c[P]) + " " + y(c[V]);
        broken = Boolean(c[S]);
      }
      const look = { d: path, fill: "none", stroke: data.arms[arm].color, "stroke-width": 2, "stroke-dasharray": data.arms[arm].dash };
      svg.append(draw("path", look), ...known.map(c => marker(arm, x(c[P]), y(c[V]))));
      if (known.length) ends.push([arm, y(known.at(-1)[V])]);
    }
    ends.sort((a, b) => a[1] - b[1]);
    let free = 0;
    for (const [arm, place] of ends) {
      free = Math.max(free + 17, place);
      svg.append(draw("text", { x: 734, y: free + 4, fill: data.arms[arm].color, "font-weight": 700 }, data.arms[arm].name));
    }
    return svg;
  };

  const strips = cells => {
    const [, high] = bounds(cells), x = v => 250 + 560 * v / high, svg = frame(30 + 24 * cells.length,
      data.measures[state.measure].title, "A dot and its range for each row; the table below holds every number.");
    for (let i = 0; i <= 4; i++) svg.append(draw("path", { d: `M${x(high * i / 4)} 4V${8 + 24 * cells.length}`, stroke: "#e3e8ed" }),
      draw("text", { x: x(high * i / 4), y: 26 + 24 * cells.length, "text-anchor": "middle", fill: "#56626e" }, tick(high * i / 4)));
    cells.forEach((c, i) => {
      const y = 18 + 24 * i, name = [data.arms[c[A]].name, data.names[c[G]] ?? c[G]].filter(Boolean).join(", ");
      svg.append(draw("text", { x: 0, y: y + 4, fill: data.arms[c[A]].color, "font-weight": 600 }, name));
      if (c[S]) return svg.append(draw("text", { x: 250, y: y + 4, fill: "#56626e", "font-style": "italic" }, c[S]));
      if (c[L] != null) svg.append(draw("path", { d: `M${x(c[L])} ${y}H${x(c[H])}`, stroke: data.arms[c[A]].color, "stroke-width": 2.5, "stroke-opacity": 0.5 }));
      svg.append(marker(c[A], x(c[V]), y));
    });
    return svg;
  };

  const picture = () => {
    const cells = shown(), series = ["2", "3", "4", "5"].includes(state.period) && !state.split;
    const drawn = cells.some(c => !c[S]) ? (series ? trend(cells) : strips(cells)) : make("p", "No exact number of this may be shown: the table says what may.");
    at("picture").replaceChildren(drawn);
  };
  const show = () => { settle(); toAddress(); picture(); table(); };

  const quoted = cell => '"' + (/^[=+\-@\t]/.test(cell) ? "'" : "") + cell.replaceAll('"', '""') + '"';
  at("csv").addEventListener("click", () => {
    const lines = [heads(), ...rows().map(trimmed)].map(line => line.map(cell => quoted(String(cell))).join(","));
    const link = make("a", "", { download: "dashboard.csv", href: URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  for (const name of ["measure", "period", "split", "group"]) at(name).addEventListener("change", e => { state[name] = e.target.value; show(); at(name).focus(); });
  at("levels").addEventListener("change", e => {
    state.levels = [...at("levels").querySelectorAll("input:checked")].map(box => box.value).join(" ");
    const value = e.target.value;
    show();
    at("levels").querySelector(`input[value="${value}"]`)?.focus();
  });
  window.addEventListener("hashchange", () => { fromAddress(); show(); });
  fromAddress();
  show();
  at("board").hidden = false;
})();
