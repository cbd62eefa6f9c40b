"use strict";
// Figures are drawn when they come near the window, so that a large campaign opens at once.
(() => {
  const { templates, figures } = JSON.parse(document.getElementById("figures").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const template = () => templates[dark.matches ? "dark" : "light"];
  const drawn = new Set();

  // A scene fills the height of its figure; in a narrow window its sides would be cut.
  function stepBack(eye, element) {
    const factor = Math.max(1, element.clientHeight / element.clientWidth);
    for (const axis of ["x", "y", "z"]) eye[axis] *= factor;
  }

  function draw(element) {
    if (drawn.has(element)) return;
    drawn.add(element);
    const { data, layout } = figures[element.id];
    if (layout.scene) stepBack(layout.scene.camera.eye, element);
    // Its buttons would lie on the legend; those below the figure do what is needed.
    const options = { responsive: true, displayModeBar: false };
    Plotly.newPlot(element, data, { ...layout, template: template() }, options);
  }

  // For a paper: on white, whatever the page looks like.
  function saveSvg(element) {
    const { data, layout } = figures[element.id];
    const white = { ...layout, template: templates.light, paper_bgcolor: "white" };
    const { clientWidth: width, clientHeight: height } = element;
    Plotly.downloadImage({ data, layout: white }, { format: "svg", filename: element.id, width, height });
  }

  // Rows of a trace, by the titles of its axes.
  function* rowsOf(trace, layout) {
    const axis = (letter) => {
      const place = layout[(trace[`${letter}axis`] ?? letter).replace(/^([xyz])/, "$1axis")];
      const inScene = layout.scene?.[`${letter}axis`];
      return (trace.type.endsWith("3d") ? inScene : place)?.title?.text || letter;
    };
    const name = { series: trace.name ?? "" };
    if (trace.type === "contour") {
      const value = trace.colorbar?.title?.text || "z";
      for (const [row, y] of trace.y.entries())
        for (const [column, x] of trace.x.entries())
          yield { ...name, [axis("x")]: x, [axis("y")]: y, [value]: trace.z[row][column] };
      return;
    }
    const columns = Object.fromEntries((trace.dimensions ?? []).map((d) => [d.label, d.values]));
    if (Array.isArray(trace.text)) columns.label = trace.text;
    for (const letter of ["x", "y", "z"]) if (trace[letter]) columns[axis(letter)] = trace[letter];
    for (const letter of ["theta", "r"]) if (trace[letter]) columns[letter] = trace[letter];
    if (trace.error_y?.array) columns["error, up"] = trace.error_y.array;
    if (trace.error_y?.arrayminus) columns["error, down"] = trace.error_y.arrayminus;
    const shade = trace.marker?.color;
    if (Array.isArray(shade)) columns[trace.marker.colorbar?.title?.text || "colour"] = shade;
    const length = Math.max(...Object.values(columns).map((values) => values.length));
    for (let row = 0; row < length; row++) {
      const cells = Object.entries(columns).map(([title, values]) => [title, values[row]]);
      // Lines are broken by points without coordinates, and a colour bar has a trace of its own.
      if (cells.some(([title, value]) => title !== "label" && value === null)) continue;
      yield { ...name, ...Object.fromEntries(cells) };
    }
  }

  function csvOf(name) {
    const { data, layout } = figures[name];
    const rows = data.flatMap((trace) => [...rowsOf(trace, layout)]);
    const header = [...new Set(rows.flatMap(Object.keys))];
    const text = (value) => String(value ?? "").replaceAll(/<[^>]*>/g, " ");
    const quoted = (cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    const lines = [header, ...rows.map((row) => header.map((title) => row[title]))];
    return lines.map((line) => line.map((value) => quoted(text(value))).join(",") + "\n").join("");
  }

  function saveCsv(element) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csvOf(element.id)], { type: "text/csv" }));
    link.download = `${element.id}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  const plots = [...document.querySelectorAll(".plot")];
  const observer = new IntersectionObserver(
    (entries) => entries.filter((e) => e.isIntersecting).forEach((e) => draw(e.target)),
    { rootMargin: "800px" },
  );
  plots.forEach((element) => observer.observe(element));
  window.addEventListener("beforeprint", () => plots.forEach(draw));
  dark.addEventListener("change", () => {
    drawn.forEach((element) => Plotly.relayout(element, { template: template() }));
  });
  const SCROLLING = ".scroll, pre, nav";
  // Edges beyond which there is more fade; what cannot be scrolled has none.
  function tellMore({ target: box }) {
    const along = box.scrollWidth - box.clientWidth - box.scrollLeft;
    box.classList.toggle("more-left", box.scrollLeft > 1);
    box.classList.toggle("more-right", along > 1);
    box.classList.toggle("more-below", box.scrollHeight - box.clientHeight - box.scrollTop > 1);
  }
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    tellMore({ target: target.closest(SCROLLING) });
  }));
  document.querySelectorAll(SCROLLING).forEach((box) => {
    box.addEventListener("scroll", tellMore, { passive: true });
    [box, ...box.children].forEach((part) => sizes.observe(part));
  });
  // At once, not with the next frame, which a busy machine draws late.
  document.addEventListener("toggle", ({ target }) => {
    target.querySelectorAll(SCROLLING).forEach((box) => tellMore({ target: box }));
  }, true);
  const savers = { svg: saveSvg, csv: saveCsv };
  document.querySelectorAll("[data-save]").forEach((button) => {
    const element = button.closest("figure").querySelector(".plot");
    button.addEventListener("click", () => savers[button.dataset.save](element));
  });
})();
