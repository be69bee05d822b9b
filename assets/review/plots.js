// The plots follow the film: playhead, one cursor over all panels with time and values, drag to scrub, a window of time.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const parsed = new WeakMap();
  const LEAST_S = 0.3; // shortest window of time
  const STEPS_S = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
  let dragged = null, zoomed = null, pinch = null;
  const fingers = new Map();

  const dataOf = (panel) => {
    const text = panel.dataset.plot;
    if (!parsed.has(panel) || parsed.get(panel).text !== text) parsed.set(panel, { text, plot: JSON.parse(text) });
    return parsed.get(panel).plot;
  };
  const isOver = (panel) => panel.closest(".mp-plots").dataset.mode === "over";
  const whole = (plot) => ({ start: plot.t[0], end: plot.t[plot.t.length - 1] });
  // The window of time that is shown: the whole film, or what was zoomed to in this film.
  const shownTime = (plot) => {
    const all = whole(plot);
    return zoomed && zoomed.end <= all.end + 1e-6 ? zoomed : all;
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
    const { start, end } = shownTime(plot), share = end > start ? (t - start) / (end - start) : 0;
    return share < -1e-6 || share > 1 + 1e-6 ? -9 : plot.x0 + share * (plot.x1 - plot.x0);
  };
  // Where a time lies in the repetition that runs then; outside of the drawing where none does.
  const placeOver = (plot, t) => {
    const rep = plot.reps.find(([start, end]) => start - 0.03 <= t && t <= end);
    return rep ? plot.x0 + Math.max((t - rep[0]) / (rep[1] - rep[0]), 0) * (plot.x1 - plot.x0) : -9;
  };
  const lineAt = (line, x) => { line.setAttribute("x1", x); line.setAttribute("x2", x); };
  const stretch = (panel) => {
    const plot = dataOf(panel), { start, end } = shownTime(plot), all = whole(plot), key = `${start} ${end}`;
    if (panel.dataset.window === key) return;
    const fresh = panel.dataset.window === undefined && start === all.start && end === all.end;
    panel.dataset.window = key;
    if (fresh) return;
    const drawing = panel.querySelector(".mp-time"), room = plot.x1 - plot.x0, scale = (all.end - all.start) / (end - start);
    const left = plot.x0 + ((start - all.start) / (all.end - all.start)) * room;
    const inner = drawing.querySelector(".mp-window");
    inner.setAttribute("viewBox", `${left} 0 ${room / scale} ${inner.getAttribute("height")}`);
    drawing.querySelectorAll(".mp-repno").forEach((text) => text.setAttribute("x", place(plot, parseFloat(text.dataset.time))));
    const ticks = drawing.querySelector(".mp-xticks"), model = ticks.firstElementChild;
    const step = STEPS_S.find((s) => (end - start) / s <= 8) || 200, made = [];
    for (let k = Math.ceil(start / step - 1e-9); k * step <= end + 1e-9; k += 1) {
      const text = model.cloneNode();
      text.setAttribute("x", place(plot, k * step));
      text.setAttribute("text-anchor", "middle");
      text.textContent = String(Math.round(k * step * 100) / 100);
      made.push(text);
    }
    ticks.replaceChildren(...made);
  };
  const show = (panel, now) => {
    stretch(panel);
    const plot = dataOf(panel), t = now.peek === null ? now.time : now.peek;
    panel.querySelectorAll(":scope > svg").forEach((drawing) => {
      const at = drawing.classList.contains("mp-over") ? placeOver : place;
      lineAt(drawing.querySelector(":scope > .mp-head"), at(plot, now.time));
      lineAt(drawing.querySelector(":scope > .mp-cursor"), now.peek === null ? -9 : at(plot, now.peek));
    });
    const i = nearest(plot.t, t), other = plot.other && panel.closest(".mp-plots").dataset.unit === "1";
    panel.querySelectorAll(".mp-now b").forEach((cell, k) => {
      const value = (other ? plot.other : plot.v)[k][i];
      const text = value === null ? "–" : value.toFixed(other ? plot.otherDigits : plot.digits);
      cell.textContent = Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
    });
    const played = now.loop ? plot.reps.findIndex(([start]) => Math.abs(start - now.loop.start) < 2e-3) : -1;
    panel.classList.toggle("has-chosen", played >= 0);
    panel.querySelectorAll("[data-rep]").forEach((curve) => curve.classList.toggle("is-chosen", Number(curve.dataset.rep) === played));
  };
  const panelOf = (event) => {
    const drawing = event.target instanceof Element ? event.target.closest(".mp-panel svg") : null;
    return drawing ? drawing.closest(".mp-panel") : null;
  };
  const drawingOf = (panel) => panel.querySelector(isOver(panel) ? ":scope > .mp-over" : ":scope > .mp-time");
  const timeAt = (panel, clientX) => {
    const plot = dataOf(panel), box = drawingOf(panel).getBoundingClientRect();
    const x = ((clientX - box.left) / box.width) * plot.w;
    const share = Math.min(Math.max((x - plot.x0) / (plot.x1 - plot.x0), 0), 1);
    const now = mp.clock.state();
    const running = plot.reps.find(([start, end]) => start - 0.03 <= now.time && now.time <= end) || plot.reps[0];
    const [start, end] = isOver(panel) ? running : Object.values(shownTime(plot));
    return start + share * (end - start);
  };

  const visible = () => [...document.querySelectorAll(".mp-panel")].filter((panel) => panel.offsetParent !== null);
  let last = null;
  const refresh = (now) => {
    last = now;
    if (zoomed && now.playing && (now.time < zoomed.start || now.time > zoomed.end)) pan(now.time - zoomed.start);
    const time = `${(now.peek === null ? now.time : now.peek).toFixed(2)} s`;
    document.querySelectorAll(".mp-at").forEach((cell) => { cell.textContent = time; });
    visible().forEach((panel) => { show(panel, now); panel.dataset.shown = "1"; });
  };
  const first = () => { const panel = visible()[0] || document.querySelector(".mp-panel"); return panel ? dataOf(panel) : null; };
  const setWindow = (start, end) => {
    const plot = first();
    if (!plot) return;
    const all = whole(plot), length = Math.min(Math.max(end - start, LEAST_S), all.end - all.start);
    const from = Math.min(Math.max(start, all.start), all.end - length);
    zoomed = length >= all.end - all.start - 1e-6 ? null : { start: from, end: from + length };
  };
  const pan = (seconds) => { if (zoomed) setWindow(zoomed.start + seconds, zoomed.end + seconds); };
  // Zoom about a moment, which stays where it is.
  const zoom = (factor, about) => {
    const plot = first();
    if (!plot) return;
    const { start, end } = shownTime(plot), at = Math.min(Math.max(about, start), end);
    setWindow(at - (at - start) / factor, at + (end - at) / factor);
  };
  const again = () => refresh(mp.clock.state());

  document.addEventListener("pointerdown", (event) => {
    const panel = event.button === 0 ? panelOf(event) : null;
    if (!panel) return;
    fingers.set(event.pointerId, event.clientX);
    if (fingers.size === 2) { pinch = { panel, gap: 0 }; dragged = null; return; }
    dragged = panel;
    mp.clock.pause();
    mp.clock.setPeek(null);
    mp.clock.seek(timeAt(panel, event.clientX));
  });
  document.addEventListener("pointermove", (event) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event.clientX);
    if (pinch) {
      const [a, b] = fingers.values(), gap = Math.max(Math.abs(a - b), 20);
      if (pinch.gap && !isOver(pinch.panel)) { zoom(gap / pinch.gap, timeAt(pinch.panel, 0.5 * (a + b))); again(); }
      pinch.gap = gap;
      return;
    }
    if (dragged) { mp.clock.seek(timeAt(dragged, event.clientX)); return; }
    const panel = event.pointerType === "mouse" ? panelOf(event) : null;
    mp.clock.setPeek(panel ? timeAt(panel, event.clientX) : null);
  });
  ["pointerup", "pointercancel"].forEach((name) => document.addEventListener(name, (event) => {
    fingers.delete(event.pointerId);
    if (fingers.size < 2) pinch = null;
    dragged = null;
  }));
  // Ctrl and wheel (or a pinch on a touch pad) zooms, shift and wheel or a sideways wheel pans; a plain wheel scrolls the page.
  document.addEventListener("wheel", (event) => {
    const panel = panelOf(event);
    if (!panel || isOver(panel)) return;
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey) zoom(Math.exp(-0.004 * event.deltaY), timeAt(panel, event.clientX));
    else if (zoomed && Math.abs(sideways) > 1) pan(0.002 * sideways * (zoomed.end - zoomed.start));
    else return;
    event.preventDefault();
    again();
  }, { passive: false });

  mp.clock.listen(refresh);
  // A tab that was opened, or results that came, hold panels that have not been told the time yet.
  const late = () => {
    if (visible().some((panel) => !panel.dataset.shown)) refresh(last || mp.clock.state());
    window.setTimeout(late, 250);
  };
  late();
  mp.plots = {
    again,
    zoom: (factor) => zoom(factor, mp.clock.state().time),
    pan: (share) => { if (zoomed) pan(share * (zoomed.end - zoomed.start)); },
    whole: () => { zoomed = null; },
    window: () => { const plot = first(); return plot ? shownTime(plot) : null; },
  };
})();
