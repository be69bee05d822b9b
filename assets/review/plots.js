// The plots follow the film: playhead, one cursor over all panels with time and values, drag to scrub.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const parsed = new WeakMap();
  let dragged = null;

  const dataOf = (panel) => {
    const text = panel.dataset.plot;
    if (!parsed.has(panel) || parsed.get(panel).text !== text) parsed.set(panel, { text, plot: JSON.parse(text) });
    return parsed.get(panel).plot;
  };
  const nearest = (times, t) => {
    let low = 0, high = times.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] <= t) low = middle; else high = middle;
    }
    return t - times[low] <= times[high] - t ? low : high;
  };
  const place = (plot, t) => {
    const start = plot.t[0], end = plot.t[plot.t.length - 1];
    const share = end > start ? Math.min(Math.max((t - start) / (end - start), 0), 1) : 0;
    return plot.x0 + share * (plot.x1 - plot.x0);
  };
  const lineAt = (line, x) => { line.setAttribute("x1", x); line.setAttribute("x2", x); };
  const show = (panel, now) => {
    const plot = dataOf(panel), t = now.peek === null ? now.time : now.peek;
    lineAt(panel.querySelector(".mp-head"), place(plot, now.time));
    lineAt(panel.querySelector(".mp-cursor"), now.peek === null ? -9 : place(plot, now.peek));
    const i = nearest(plot.t, t);
    panel.querySelectorAll(".mp-now b").forEach((cell, k) => {
      const value = plot.v[k][i];
      const text = value === null ? "–" : value.toFixed(plot.digits);
      cell.textContent = Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
    });
  };
  const panelOf = (event) => {
    const drawing = event.target instanceof Element ? event.target.closest(".mp-panel svg") : null;
    return drawing ? drawing.closest(".mp-panel") : null;
  };
  const timeAt = (panel, event) => {
    const plot = dataOf(panel), box = panel.querySelector("svg").getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * plot.w;
    const share = Math.min(Math.max((x - plot.x0) / (plot.x1 - plot.x0), 0), 1);
    return plot.t[0] + share * (plot.t[plot.t.length - 1] - plot.t[0]);
  };

  document.addEventListener("pointerdown", (event) => {
    const panel = event.button === 0 ? panelOf(event) : null;
    if (!panel) return;
    dragged = panel;
    mp.clock.pause();
    mp.clock.setPeek(null);
    mp.clock.seek(timeAt(panel, event));
  });
  document.addEventListener("pointermove", (event) => {
    if (dragged) { mp.clock.seek(timeAt(dragged, event)); return; }
    const panel = event.pointerType === "mouse" ? panelOf(event) : null;
    mp.clock.setPeek(panel ? timeAt(panel, event) : null);
  });
  ["pointerup", "pointercancel"].forEach((name) => document.addEventListener(name, () => { dragged = null; }));

  const visible = () => [...document.querySelectorAll(".mp-panel")].filter((panel) => panel.offsetParent !== null);
  let last = null;
  const refresh = (now) => {
    last = now;
    const time = `${(now.peek === null ? now.time : now.peek).toFixed(2)} s`;
    document.querySelectorAll(".mp-at").forEach((cell) => { cell.textContent = time; });
    visible().forEach((panel) => { show(panel, now); panel.dataset.shown = "1"; });
  };
  mp.clock.listen(refresh);
  // A tab that was opened, or results that came, hold panels that have not been told the time yet.
  const late = () => {
    if (visible().some((panel) => !panel.dataset.shown)) refresh(last || mp.clock.state());
    window.setTimeout(late, 250);
  };
  late();
})();
