// The body map of effort: of the whole set, or of the repetition that is played again and again.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  let root = null, data = null, shown = -1;

  const colour = (percent) => (percent === null ? "" : `rgb(${data.colours.effort[percent].join(",")})`);
  const place = (loop) => {
    const at = loop ? data.efforts.starts.findIndex((s) => s !== null && Math.abs(s - loop.start) < 2e-3) : 0;
    return Math.max(at, 0);
  };
  const draw = (k) => {
    shown = k;
    root.querySelector(".mp-effort-title").textContent = mp.words.say("Largest in {window}", { window: data.efforts.windows[k] });
    root.querySelectorAll("[data-region]").forEach((part) => { part.style.fill = ""; part.classList.remove("is-told"); });
    root.querySelector("tbody").replaceChildren(...data.efforts.groups.map((group) => {
      const [percent, text] = group.cells[k];
      root.querySelectorAll(`[data-region="${group.region}"]`).forEach((part) => {
        part.style.fill = colour(percent);
        part.classList.toggle("is-told", percent !== null);
      });
      const row = document.createElement("tr"), head = document.createElement("th"), cell = document.createElement("td");
      head.scope = "row";
      head.textContent = group.name;
      cell.textContent = text;
      row.append(head, cell);
      return row;
    }));
  };
  const take = (element, drawing) => {
    root = element;
    data = drawing;
    root.hidden = !data.efforts;
    if (root.hidden) return;
    const stops = [0, 25, 50, 75, 100].map((p) => `${colour(p)} ${p}%`).join(", ");
    root.querySelector(".mp-effort-scale i").style.background = `linear-gradient(to right, ${stops})`;
    draw(place(mp.clock.state().loop));
  };
  mp.clock.listen((now) => {
    if (!data || !data.efforts) return;
    const k = place(now.loop);
    if (k !== shown) draw(k);
  });
  mp.effort = { take };
})();
