// Ties the plots to the overlay video: the playhead follows, hovering reads values, a click or a time button seeks.
(() => {
  "use strict";
  const parsed = new WeakMap();
  const video = () => document.querySelector("#overlay video");
  let hovered = null;
  let last = -1;

  const dataOf = (panel) => {
    if (!parsed.has(panel)) parsed.set(panel, JSON.parse(panel.dataset.plot));
    return parsed.get(panel);
  };
  const nearest = (times, t) => {
    let low = 0, high = times.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] <= t) low = middle; else high = middle;
    }
    return t - times[low] <= times[high] - t ? low : high;
  };
  const show = (panel, t) => {
    const d = dataOf(panel), start = d.t[0], end = d.t[d.t.length - 1];
    const share = end > start ? Math.min(Math.max((t - start) / (end - start), 0), 1) : 0;
    const x = d.x0 + share * (d.x1 - d.x0), head = panel.querySelector(".mp-head");
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    const i = nearest(d.t, t);
    panel.querySelectorAll(".mp-now b").forEach((cell, k) => {
      const value = d.v[k][i];
      const text = value === null ? "–" : value.toFixed(d.digits);
      cell.textContent = Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
    });
  };
  const timeAt = (panel, event) => {
    const d = dataOf(panel), box = panel.querySelector("svg").getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * d.w;
    const share = Math.min(Math.max((x - d.x0) / (d.x1 - d.x0), 0), 1);
    return d.t[0] + share * (d.t[d.t.length - 1] - d.t[0]);
  };
  const seek = (t) => {
    const v = video();
    if (v && Number.isFinite(t)) v.currentTime = Math.max(t, 0);
  };
  const panelOf = (event) => {
    const plot = event.target instanceof Element ? event.target.closest(".mp-panel svg") : null;
    return plot ? plot.closest(".mp-panel") : null;
  };

  document.addEventListener("click", (event) => {
    const panel = panelOf(event);
    if (panel) seek(timeAt(panel, event));
    const button = event.target instanceof Element ? event.target.closest("[data-seek]") : null;
    if (button) seek(parseFloat(button.dataset.seek));
  });
  document.addEventListener("pointermove", (event) => {
    const panel = event.pointerType === "mouse" ? panelOf(event) : null;
    if (panel) show(panel, timeAt(panel, event));
    if (hovered && hovered !== panel) last = -1;
    hovered = panel;
  });
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof Element && event.target.closest(".mp-number")) event.target.inputMode = "decimal";
  });
  const tick = () => {
    const v = video(), t = v ? v.currentTime : 0;
    const panels = [...document.querySelectorAll(".mp-panel")].filter((p) => p.offsetParent !== null);
    const fresh = panels.some((p) => !parsed.has(p) || !p.dataset.shown);
    if (t !== last || fresh) {
      panels.forEach((p) => { if (p !== hovered) show(p, t); p.dataset.shown = "1"; });
      last = t;
    }
    window.requestAnimationFrame(tick);
  };
  window.requestAnimationFrame(tick);
})();
