// Browses the wrong answers. What it shows is not ours: it goes into the page as text only, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const PAGE = 50;
  const KINDS = { wrong: "错", unparsed: "未读出", truncated: "截断" };
  const LETTERS = "ABCD";
  let found = data.entries;
  let shown = 0;

  const make = (tag, name, ...children) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  };

  const question = (entry) => data.questions[entry.question];

  // --- filters ---

  const fill = (id, values, name) => {
    const counts = new Map();
    for (const entry of data.entries) for (const value of values(entry)) counts.set(value, (counts.get(value) || 0) + 1);
    const rows = [...counts].sort((a, b) => (id === "by-point" ? b[1] - a[1] : 0) || a[0].localeCompare(b[0], "en", { numeric: true }));
    for (const [value, n] of rows) at(id).append(new Option(`${name(value)}（${n}）`, value));
  };

  const order = Object.keys(data.subjects);
  fill("by-subject", (e) => [String(order.indexOf(question(e).subject))], (v) => data.subjects[order[v]]);
  fill("by-difficulty", (e) => [String(question(e).difficulty)], (v) => `难度 ${v}`);
  fill("by-point", (e) => question(e).points, (v) => data.points[v]);
  fill("by-condition", (e) => [String(e.condition)], (v) => data.conditions[v]);
  fill("by-kind", (e) => e.kinds, (v) => KINDS[v]);

  const searchable = new WeakMap();
  const textOf = (entry) => {
    if (!searchable.has(entry)) {
      const q = question(entry);
      searchable.set(entry, [q.id, q.stem, ...q.options, q.explanation, entry.raw].join("\n").toLowerCase());
    }
    return searchable.get(entry);
  };

  const chosen = () => {
    const [subject, difficulty, point, condition, kind] = ["subject", "difficulty", "point", "condition", "kind"].map((n) => at(`by-${n}`).value);
    const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    return (entry) => {
      const q = question(entry);
      return (
        (!subject || q.subject === order[subject]) &&
        (!difficulty || q.difficulty === Number(difficulty)) &&
        (!point || q.points.includes(point)) &&
        (!condition || entry.condition === Number(condition)) &&
        (!kind || entry.kinds.includes(kind)) &&
        words.every((word) => textOf(entry).includes(word))
      );
    };
  };

  // --- one entry ---

  const kindOf = (entry) => entry.kinds.map((kind) => KINDS[kind]).join("、");

  const summary = (entry) => {
    const q = question(entry);
    return make(
      "summary", "",
      make("span", "tags",
        make("span", "kind", kindOf(entry)),
        make("span", "", data.subjects[q.subject]),
        make("span", "", `难度 ${q.difficulty}`),
        data.conditions.length > 1 ? make("span", "", data.conditions[entry.condition]) : null,
        make("span", "", `${entry.parsed ? `选 ${entry.parsed}` : "未读出选项"}，应为 ${entry.gold}`),
        make("span", "", q.id)),
      make("span", "line", q.stem.replace(/\s+/g, " ").slice(0, 120)),
    );
  };

  const options = (entry) => {
    const list = make("ol", "options");
    [...LETTERS].forEach((letter, i) => {
      const original = (i - entry.rotation + 4) % 4;
      const key = letter === entry.gold, picked = letter === entry.parsed;
      list.append(make("li", key ? "key" : picked ? "chosen" : "",
        make("span", "", `${letter}.`),
        make("span", "", question(entry).options[original] + (entry.rotation ? `（原题 ${LETTERS[original]}）` : "")),
        make("span", "sign", key ? "✓ 正确答案" : picked ? "✗ 所选" : "")));
    });
    return list;
  };

  const scores = (entry) => {
    const told = Object.entries(entry.scores).filter(([, value]) => value !== null).map(([, value]) => value);
    const most = Math.max(...told);
    const likelihood = data.modes[entry.condition] === "logprob";
    const share = (value) => (likelihood ? Math.exp(value - most) : most > 0 ? Math.max(value, 0) / most : 0);
    const table = make("div", "scores");
    for (const [letter, value] of Object.entries(entry.scores)) {
      const bar = make("span", "bar");
      bar.style.width = value === null ? "0" : `${100 * share(value)}%`;
      table.append(make("span", "", letter), make("span", "track", bar), make("span", "number", value === null ? "未返回" : value.toFixed(3)));
    }
    return [make("h4", "", likelihood ? "各字母的对数概率（logprob）" : "各选项的证据权重"), table];
  };

  const rotated = data.outcomes.some((all) => all.some(([, rotation]) => rotation > 0));
  const elsewhere = (entry) => {
    const others = data.outcomes[entry.question].filter(([condition, rotation]) => condition !== entry.condition || rotation !== entry.rotation);
    if (!others.length) return [];
    const told = others.map(([condition, rotation, letter, right]) =>
      `${data.conditions[condition]}${rotation ? `（第 ${rotation + 1} 种选项顺序）` : ""}：${right ? "✓" : "✗"} ${letter ? `选${rotated ? "原题" : ""} ${letter}` : "未读出"}`);
    return [make("h4", "", "同一题的其他作答"), make("p", "prose", told.join("\n"))];
  };

  const passages = (entry) => {
    if (!entry.passages.length) return [];
    const list = make("ul", "passages");
    for (const number of entry.passages) {
      const p = data.passages[number];
      const from = [p.source, p.page > 0 ? `第 ${p.page} 页` : "", p.section].filter(Boolean).join(" · ");
      list.append(make("li", "", make("div", "from", from), make("div", "prose", p.text)));
    }
    return [make("h4", "", `检索到的段落（${entry.passages.length}）`), list];
  };

  const facts = (entry) => {
    const [read, written] = entry.tokens;
    return [
      `用时 ${entry.seconds.toFixed(2)} 秒`,
      read || written ? `输入 ${read} token，输出 ${written} token` : "",
      entry.finish && entry.finish !== "stop" ? `结束原因 ${entry.finish}` : "",
    ].filter(Boolean).join(" · ");
  };

  const body = (entry) => {
    const q = question(entry);
    const points = q.points.map((point) => data.points[point]).join("、");
    return make("div", "body",
      make("p", "prose", q.stem),
      options(entry),
      make("p", "muted", [points && `考点：${points}`, q.computed ? "答案由程序算出" : "", facts(entry)].filter(Boolean).join(" · ")),
      ...(entry.reason ? [make("h4", "", "为什么没有读出"), make("p", "prose", entry.reason)] : []),
      ...(entry.raw ? [make("h4", "", "模型的原始回答"), make("pre", "", entry.raw)] : []),
      ...(entry.scores ? scores(entry) : []),
      ...elsewhere(entry),
      ...(q.explanation ? [make("h4", "", entry.rotation ? "解析（其中的字母是原题的）" : "解析"), make("p", "prose", q.explanation)] : []),
      ...passages(entry));
  };

  // --- the list: what isn't looked at isn't made ---

  const row = (entry) => {
    const details = make("details", "entry", summary(entry));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(body(entry));
    });
    return details;
  };

  const more = () => {
    at("list").append(...found.slice(shown, shown + PAGE).map(row));
    shown = Math.min(shown + PAGE, found.length);
    at("more").hidden = shown === found.length;
    at("more").textContent = `再显示 ${Math.min(PAGE, found.length - shown)} 条（还有 ${found.length - shown} 条）`;
  };

  const search = () => {
    found = data.entries.filter(chosen());
    shown = 0;
    at("list").replaceChildren();
    at("count").textContent = found.length ? `${found.length} 条` : "没有符合条件的记录。请放宽筛选条件。";
    more();
  };

  let waiting;
  at("filters").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(search, event.target.id === "search" ? 150 : 0);
  });
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("filters").addEventListener("reset", () => setTimeout(search, 0));
  at("more").addEventListener("click", more);
  at("without-script").hidden = true;
  at("browser").hidden = false;
  search();
})();
