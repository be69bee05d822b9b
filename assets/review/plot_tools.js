// Buttons of the plots: view, unit, zoom, full screen and one plot alone. What is chosen holds for all groups of plots.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const zooms = {
    in: () => mp.plots.zoom(2), out: () => mp.plots.zoom(0.5), back: () => mp.plots.pan(-0.5), on: () => mp.plots.pan(0.5),
    whole: () => mp.plots.whole(),
  };

  const press = (plots, name, value) => plots.querySelectorAll(`[data-plots-${name}]`).forEach((button) => {
    button.setAttribute("aria-pressed", String(button.getAttribute(`data-plots-${name}`) === value));
  });
  const choose = (name, value) => document.querySelectorAll(".mp-plots").forEach((plots) => {
    if (!plots.querySelector(`[data-plots-${name}="${value}"]`)) return;
    plots.dataset[name] = value;
    press(plots, name, value);
  });
  const alone = (plots, panel) => {
    plots.classList.toggle("has-one", panel !== null);
    plots.querySelectorAll(".mp-panel").forEach((one) => {
      one.classList.toggle("is-one", one === panel);
      one.querySelector("[data-plots-one]").setAttribute("aria-pressed", String(one === panel));
    });
  };
  const full = (plots, on) => {
    const button = plots.querySelector("[data-plots-full]");
    plots.classList.toggle("is-full", on);
    document.documentElement.classList.toggle("mp-has-full", on);
    button.setAttribute("aria-pressed", String(on));
    button.textContent = mp.words.say(on ? "Close" : "Full screen");
    if (!on) alone(plots, null);
  };
  const close = () => document.querySelectorAll(".mp-plots.is-full").forEach((plots) => {
    full(plots, false);
    plots.querySelector("[data-plots-full]").focus();
  });

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest(".mp-plots button") : null;
    if (!button) return;
    const plots = button.closest(".mp-plots"), { plotsMode, plotsUnit, zoomTime } = button.dataset;
    if (plotsMode) choose("mode", plotsMode);
    else if (plotsUnit) choose("unit", plotsUnit);
    else if (zoomTime) zooms[zoomTime]();
    else if (button.dataset.plotsFull !== undefined) full(plots, !plots.classList.contains("is-full"));
    else if (button.dataset.plotsOne !== undefined) {
      const panel = button.closest(".mp-panel"), isOne = panel.classList.contains("is-one");
      if (!isOne) full(plots, true);
      alone(plots, isOne ? null : panel);
    }
    mp.plots.again();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector(".mp-plots.is-full")) { close(); event.preventDefault(); }
  });
})();
