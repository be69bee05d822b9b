// The table of repetitions: which columns are shown, and which row plays.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});

  document.addEventListener("change", (event) => {
    const column = event.target instanceof Element ? event.target.dataset.columnBox : undefined;
    if (column === undefined) return;
    const table = event.target.closest(".mp-table").querySelector(".mp-repetitions");
    table.querySelectorAll(`[data-column="${column}"]`).forEach((cell) => { cell.hidden = !event.target.checked; });
  });
  let playing = null;
  mp.clock.listen((now) => {
    const start = now.loop ? now.loop.start : null;
    if (start === playing) return;
    playing = start;
    document.querySelectorAll(".mp-repetitions tbody tr").forEach((row) => {
      row.classList.toggle("is-playing", start !== null && Math.abs(parseFloat(row.dataset.loopStart) - start) < 2e-3);
    });
  });
})();
