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
    Plotly.newPlot(element, data, { ...layout, template: template() }, {
      responsive: true,
      displaylogo: false,
      toImageButtonOptions: { format: "svg", filename: element.id },
    });
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
})();
