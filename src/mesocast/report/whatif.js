"use strict";
// Equations, intervals and objective as in Python; `whatIf` holds them and all numbers they need.
(() => {
  const { parameters, properties, electrodes, equations, clip, utility, fixed, choices, inputs } = whatIf;
  const find = (id) => document.getElementById(id);
  const names = parameters.map((parameter) => parameter.name);
  const start = parameters.map((parameter) => parameter.start);
  let recipe = [...start];
  // Choices are told to the equations by the places of their words.
  const words = choices.map((choice) => choice.start);
  let chosen = [...words];

  whatIf.predict = (property, x, places = chosen) => equations[property.name](
    ...inputs.map((name) => (names.includes(name) ? x[names.indexOf(name)]
      : places[choices.findIndex((choice) => choice.name === name)])));

  const possible = ({ minimum, maximum }, value) =>
    Math.min(Math.max(value, minimum ?? -Infinity), maximum ?? Infinity);

  // How much wider an interval is away from the electrodes of the fit than among them.
  whatIf.growth = ({ region }, x) => {
    if (!region) return 1;
    const unit = x.map((value, n) => (value - region.box[n][0]) / (region.box[n][1] - region.box[n][0]));
    const apart = unit.map((value, n) => value - region.centre[n]);
    const along = region.precision.map((row) => row.reduce((sum, part, n) => sum + part * apart[n], 0));
    const squared = apart.reduce((sum, value, n) => sum + value * along[n], 0);
    const faces = Math.max(...unit.map((value) => (2 * value - 1) ** 2));
    return Math.max(1, squared / region.limit, faces <= 1 + 1e-12 ? 1 : faces);
  };

  // Bounds of the interval around a prediction at a recipe, as far as such values are possible.
  whatIf.around = (property, value, x) => {
    const wider = property.interval.map((end) => end * whatIf.growth(property, x));
    const ends = wider.map((end) => (property.relative ? value * (1 + end) : value + end));
    return [possible(property, Math.min(...ends)), possible(property, Math.max(...ends))];
  };

  // Distance of a goal from its best, in units of its range.
  whatIf.distance = ({ direction, target, range: [low, high] }, value) => {
    const limited = (share) => (clip ? Math.min(Math.max(share, 0), 1) : share);
    if (!target) {
      const scaled = limited((value - low) / (high - low));
      return direction === "minimize" ? scaled : 1 - scaled;
    }
    const nearest = Math.min(Math.max(value, target[0]), target[1]);
    return limited(Math.abs(value - nearest) / (high - low));
  };

  // Each goal's part of the objective; NaN where no goal has a weight. A product of desirabilities
  // has no parts that add up; what it lacks is dealt by the logarithms of its factors.
  whatIf.parts = (x, weights) => {
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    const goals = properties.filter((property) => property.direction);
    const named = (values) => Object.fromEntries(goals.map((goal, n) => [goal.name, values[n]]));
    if (!(total > 0)) return named(goals.map(() => NaN));
    const shares = goals.map((goal) => weights[goal.name] / total);
    const distances = goals.map((goal) => whatIf.distance(goal, whatIf.predict(goal, x)));
    if (utility === "quadratic") return named(distances.map((d, n) => shares[n] * d ** 2));
    const lacks = distances.map((d, n) => (
      shares[n] > 0 ? -shares[n] * Math.log(1 - Math.min(Math.max(d, 0), 1)) : 0
    ));
    const all = lacks.reduce((sum, lack) => sum + lack, 0);
    const bad = lacks.filter((lack) => lack === Infinity).length;
    return named(lacks.map((lack) => (
      bad ? Number(lack === Infinity) / bad : all > 0 ? ((1 - Math.exp(-all)) * lack) / all : 0
    )));
  };

  // The simulated electrode, of the same choices where there is one, that lies nearest where each
  // parameter runs from 0 to 1.
  whatIf.nearest = (x) => {
    const shares = (from) => parameters.map(({ low, high }, n) => (x[n] - from[n]) / (high - low));
    const alike = electrodes.filter(({ words: own }) => own.every((place, n) => place === chosen[n]));
    const all = (alike.length ? alike : electrodes).map(({ id, x: other }) => ({ id, distance: Math.hypot(...shares(other)) }));
    return all.reduce((best, one) => (one.distance < best.distance ? one : best));
  };

  const within = ({ low, high }, value) => Math.min(Math.max(value, low), high);
  // Four digits tell more than the equations know, and a link does not need more than six.
  const digits = (value, count = 4) => {
    if (!Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-4 || size >= 1e7)) {
      return value.toExponential(count - 1).replaceAll("-", "−");
    }
    const places = size === 0 ? 0 : Math.max(count - 1 - Math.floor(Math.log10(size)), 0);
    return value.toFixed(places).replace("-", "−");
  };
  const plain = (value) => String(Number(value.toFixed(6)));

  whatIf.fragment = (x) => "#" + [
    ...names.map((name, n) => `${name}=${plain(x[n])}`),
    ...choices.map((choice, n) => `${choice.name}=${encodeURIComponent(choice.words[chosen[n]])}`),
  ].join("&");
  whatIf.yaml = (x) => {
    const value = (name) => plain(name in fixed ? fixed[name] : x[names.indexOf(name)]);
    const shares = ["am_pct", "sc_pct"].map((name) => `${name}: ${value(name)}`);
    const own = names.filter((name) => name.startsWith("set_")).map((name) => `${name}: ${value(name)}`);
    own.push(...choices.map((choice, n) => `${choice.name}: ${choice.words[chosen[n]]}`));
    const set = own.length ? `, set: { ${own.join(", ")} }` : "";
    return `design:\n  recipes:\n    - { ${shares.join(", ")}, cr_pct: [${value("cr_pct")}]${set} }\n`;
  };

  const weightOf = (property) => find(`weight-${property.name}`);
  const goals = properties.filter((property) => property.direction);
  const weights = () => Object.fromEntries(goals.map((goal) => {
    const weight = weightOf(goal).valueAsNumber;
    return [goal.name, weight >= 0 && Number.isFinite(weight) ? weight : 0];
  }));

  function tell() {
    const parts = whatIf.parts(recipe, weights());
    const impossible = [];
    let away = false;
    for (const property of properties) {
      const value = whatIf.predict(property, recipe);
      const row = document.querySelector(`tr[data-property="${property.name}"]`);
      const write = (cell, text) => { row.querySelector(`[data-cell=${cell}]`).textContent = text; };
      const change = value - whatIf.predict(property, start, words);
      write("value", digits(possible(property, value)));
      write("interval", whatIf.around(property, value, recipe).map((end) => digits(end)).join(" to "));
      write("change", (change > 0 ? "+" : "") + digits(change, 3));
      write("part", property.name in parts ? digits(parts[property.name], 3) : "–");
      if (value < (property.minimum ?? -Infinity) || value > (property.maximum ?? Infinity)) {
        impossible.push(property.label.toLowerCase());
      }
      away ||= whatIf.growth(property, recipe) > 1;
    }
    const objective = Object.values(parts).reduce((sum, part) => sum + part, 0);
    find("whatif-objective").textContent = Number.isFinite(objective)
      ? `Objective ${digits(objective, 3)}.` : "Give one goal a weight above 0.";
    const { id, distance } = whatIf.nearest(recipe);
    find("whatif-near").textContent = distance < 1e-9
      ? `The electrode ${id} was simulated of this recipe.`
      : `The nearest simulated electrode is ${id}, ${digits(distance, 2)} away (1 is the whole range of one parameter).`;
    const remarks = [
      away ? "Away from the electrodes of the fit: a guess, with wider intervals." : "",
      impossible.length ? `No electrode can have what is predicted of ${impossible.join(", ")}.` : "",
    ];
    find("whatif-remark").textContent = remarks.filter(Boolean).join(" ");
    find("whatif-link").setAttribute("href", whatIf.fragment(recipe));
  }

  const [width, height, left, right, top, bottom] = [280, 150, 52, 10, 8, 34];
  const steps = 40;
  const element = (name, attributes, text = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };

  function curve(property, parameter, n) {
    const points = [];
    for (let step = 0; step <= steps; step++) {
      const x = [...recipe];
      x[n] = parameter.low + ((parameter.high - parameter.low) * step) / steps;
      const value = whatIf.predict(property, x);
      points.push({ at: x[n], value, ends: whatIf.around(property, value, x) });
    }
    return points;
  }

  function draw(property, parameter, n, points, [low, high]) {
    const x = (at) => left + ((at - parameter.low) / (parameter.high - parameter.low)) * (width - left - right);
    const y = (value) => height - bottom - ((value - low) / (high - low || 1)) * (height - top - bottom);
    const line = (list) => list.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const values = points.map((point) => point.value);
    const here = whatIf.predict(property, recipe);
    const label = `${property.label} against ${parameter.label.toLowerCase()}: ${digits(values[0])} at ${parameter.low}${parameter.unit}, ` +
      `${digits(here)} at the recipe's ${plain(recipe[n])}${parameter.unit}, ${digits(values.at(-1))} at ${parameter.high}${parameter.unit}`;
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    const band = [...points.map((p) => [p.at, p.ends[1]]), ...points.toReversed().map((p) => [p.at, p.ends[0]])];
    const base = height - bottom;
    const end = { "text-anchor": "end" };
    svg.append(
      element("polygon", { points: line(band), class: "band" }),
      element("path", { d: `M${left},${top}V${base}H${width - right}`, class: "axis" }),
      element("polyline", { points: line(points.map((p) => [p.at, p.value])), class: "curve" }),
      element("circle", { cx: x(recipe[n]), cy: y(here), r: 4, class: "dot" }),
      element("text", { x: left - 5, y: top + 8, ...end }, digits(high, 3)),
      element("text", { x: left - 5, y: base, ...end }, digits(low, 3)),
      element("text", { x: left, y: base + 13 }, plain(parameter.low)),
      element("text", { x: width - right, y: base + 13, ...end }, plain(parameter.high)),
      element("text", { x: (left + width - right) / 2, y: base + 27, "text-anchor": "middle" }, parameter.unit ? `${parameter.label} (${parameter.unit.trim()})` : parameter.label),
    );
    return svg;
  }

  function drawAll() {
    find("whatif-curves").replaceChildren(...properties.map((property) => {
      const curves = parameters.map((parameter, n) => curve(property, parameter, n));
      const all = curves.flat().flatMap((p) => [p.value, ...p.ends]).filter(Number.isFinite);
      const scale = [Math.min(...all), Math.max(...all)];
      const group = document.createElement("div");
      const title = document.createElement("h4");
      title.textContent = property.unit ? `${property.label} (${property.unit})` : property.label;
      const row = document.createElement("div");
      row.append(...parameters.map((parameter, n) => draw(property, parameter, n, curves[n], scale)));
      group.append(title, row);
      return group;
    }));
  }

  // Sliders move faster than curves can be drawn; one drawing per frame is enough.
  let waits = false;
  function show() {
    tell();
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; drawAll(); });
  }

  function choose(places) {
    chosen = [...places];
    choices.forEach((choice, n) => { find(`choose-${choice.name}`).value = chosen[n]; });
  }

  function set(x, typing) {
    recipe = parameters.map((parameter, n) => within(parameter, x[n]));
    for (const [n, name] of names.entries()) {
      find(`slide-${name}`).value = recipe[n];
      if (find(`type-${name}`) !== typing) find(`type-${name}`).value = plain(recipe[n]);
    }
    show();
  }

  // A link may name some of the parameters, and anything else that others have put there.
  function follow() {
    const named = new URLSearchParams(location.hash.slice(1));
    const given = names.map((name) => (named.get(name)?.trim() ? Number(named.get(name)) : NaN));
    const places = choices.map((choice) => choice.words.indexOf(named.get(choice.name)));
    if (!given.some(Number.isFinite) && !places.some((place) => place >= 0)) return false;
    choose(places.map((place, n) => (place >= 0 ? place : words[n])));
    set(given.map((value, n) => (Number.isFinite(value) ? value : start[n])));
    return true;
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([whatIf.yaml(recipe)], { type: "application/yaml" }));
    link.download = "recipe.yaml";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  for (const [n, name] of names.entries()) {
    const typed = find(`type-${name}`);
    const move = (value, typing) => {
      if (Number.isFinite(value)) set(recipe.map((old, m) => (m === n ? value : old)), typing);
    };
    find(`slide-${name}`).addEventListener("input", (event) => move(event.target.valueAsNumber));
    typed.addEventListener("input", () => move(typed.valueAsNumber, typed));
    // What was typed beyond the bounds becomes what is shown.
    typed.addEventListener("change", () => set(recipe));
  }
  choices.forEach((choice, n) => find(`choose-${choice.name}`).addEventListener("input", (event) => {
    chosen[n] = Number(event.target.value);
    show();
  }));
  goals.forEach((goal) => weightOf(goal).addEventListener("input", tell));
  document.querySelector("#whatif form").addEventListener("submit", (event) => event.preventDefault());
  find("whatif-reset").addEventListener("click", () => {
    goals.forEach((goal) => { weightOf(goal).value = weightOf(goal).defaultValue; });
    choose(words);
    set(start);
  });
  find("whatif-save").addEventListener("click", save);
  addEventListener("hashchange", follow);
  // The start may lie outside of the searched bounds, and is shown as it is until it is moved.
  if (follow()) find("what-if").scrollIntoView();
  else show();
})();
