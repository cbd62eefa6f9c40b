"use strict";
// Runs in the report, put there by check_report.py: draws all figures, looks at them, saves one picture and all tables.
const problems = [];
const saved = [];
addEventListener("error", (event) => problems.push(`error: ${event.message}`));
addEventListener("securitypolicyviolation", (event) => problems.push(`blocked: ${event.blockedURI}`));
window.Blob = class extends Blob {
  constructor(parts, options) { super(parts, options); saved.push(String(parts[0])); }
};
// A download would end the visit.
HTMLAnchorElement.prototype.click = () => {};
addEventListener("unhandledrejection", (event) => { throw event.reason; });
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function look(figure) {
  const box = figure.getBoundingClientRect();
  const tell = (what) => problems.push(`${figure.id}: ${what}`);
  const marks = ".scatterlayer path, .barlayer path, .contourlayer path, .polarlayer path, canvas";
  if (!figure.querySelector(marks)) tell("empty");
  const texts = [...figure.querySelectorAll("text")]
    .filter((text) => text.textContent.trim() && !/rotate\((?!-?90|0)/.test(text.getAttribute("transform")))
    .map((text) => [text, text.getBoundingClientRect()])
    .filter(([text, place]) => place.width > 0);
  texts.forEach(([text, place], turn) => {
    if (place.left < box.left - 1 || place.right > box.right + 1 ||
        place.top < box.top - 1 || place.bottom > box.bottom + 1) tell(`cut: ${text.textContent}`);
    for (const [other, spot] of texts.slice(0, turn)) {
      const across = Math.min(place.right, spot.right) - Math.max(place.left, spot.left);
      const along = Math.min(place.bottom, spot.bottom) - Math.max(place.top, spot.top);
      if (across > 2 && along > 6) tell(`${text.textContent} lies on ${other.textContent}`);
    }
  });
}

// What a screen reader says of each picture, and how one knows that a box can be scrolled.
function hear() {
  for (const picture of document.querySelectorAll(".plot, [role=img], img")) {
    const text = picture.getAttribute(picture.tagName === "IMG" ? "alt" : "aria-label");
    const isPicture = picture.tagName === "IMG" || picture.getAttribute("role") === "img";
    if (!isPicture || !text?.trim()) {
      const name = picture.id || picture.closest("figure")?.querySelector("h3")?.textContent;
      problems.push(`${name}: no text alternative`);
    }
  }
}

function scroll() {
  for (const box of document.querySelectorAll("main *")) {
    const { overflowX, overflowY, maskImage } = getComputedStyle(box);
    const moves = [[overflowX, box.scrollWidth - box.clientWidth], [overflowY, box.scrollHeight - box.clientHeight]];
    if (!moves.some(([overflow, more]) => /auto|scroll/.test(overflow) && more > 1)) continue;
    const tell = (what) => problems.push(`${box.getAttribute("aria-label") ?? box.tagName}: ${what}`);
    if (!/more-(right|below)/.test(box.className) || maskImage === "none") tell("scrolls without a sign");
    if (box.tabIndex < 0 || !box.getAttribute("aria-label")) tell("does not scroll by keyboard, or has no name");
  }
}

addEventListener("load", async () => {
  dispatchEvent(new Event("beforeprint"));
  await pause(6000);
  const figures = [...document.querySelectorAll(".plot")];
  figures.forEach(look);
  hear();
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  await pause(300);
  scroll();
  if (document.documentElement.scrollWidth > innerWidth) problems.push("wider than the window");
  saved.length = 0;
  const tables = [...document.querySelectorAll("[data-save=csv]")];
  tables.forEach((button) => button.click());
  for (const [turn, button] of tables.entries()) {
    const rows = saved[turn].trim().split("\n");
    if (rows.length < 2) problems.push(`${button.closest("figure").querySelector(".plot").id}: no rows`);
  }
  saved.length = 0;
  document.querySelector("[data-save=svg]").click();
  await pause(3000);
  if (!saved.length || !saved[0].startsWith("<svg")) problems.push("no picture");
  const result = { width: innerWidth, figures: figures.length, tables: tables.length, problems };
  const text = document.createElement("pre");
  text.id = "found";
  text.textContent = JSON.stringify(result);
  parent.document.body.append(text);
});
