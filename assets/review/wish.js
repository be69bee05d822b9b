// Analyse pressed while the clip is still on its way: the wish is kept and comes true when the clip has arrived.
(() => {
  "use strict";
  const LONGEST_MS = 180000;
  const LOOK_MS = 150;
  let expectedUntil = 0;
  let wished = false;

  const hasArrived = () => document.querySelector("#upload video") !== null;
  const isExpected = () => !hasArrived() && performance.now() < expectedUntil;
  const expect = () => { expectedUntil = performance.now() + LONGEST_MS; };
  const follow = () => {
    if (isExpected()) return window.setTimeout(follow, LOOK_MS);
    wished = false;
    document.querySelector("#run")?.removeAttribute("aria-busy");
    // A frame later, so that the server hears of the clip first.
    return hasArrived() && window.setTimeout(() => document.querySelector("#run")?.click(), 2 * LOOK_MS);
  };
  document.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.closest("#upload input[type=file]")) expect();
  }, true);
  document.addEventListener("drop", (event) => {
    if (event.target instanceof Element && event.target.closest("#upload")) expect();
  }, true);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("#example")) expect();
    const run = event.target.closest("#run");
    if (!run || !isExpected()) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    run.setAttribute("aria-busy", "true");
    if (!wished) follow();
    wished = true;
  }, true);
})();
