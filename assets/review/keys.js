// Keys of the review: arrows or comma and point step, space plays, digits repeat a repetition, 0 the whole film.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const TYPING = "input, textarea, select, [contenteditable=true], [role=listbox], [role=option], [role=tab], [role=combobox]";
  const steps = { ArrowLeft: -1, ArrowRight: 1, ",": -1, ".": 1 };

  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const isUsed = event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || target.closest(TYPING);
    if (isUsed || !document.querySelector(".mp-player[data-empty='']")) return;
    if (event.key in steps) mp.clock.step(steps[event.key] * (event.shiftKey ? 10 : 1));
    else if (event.key === " " && !target.closest("button, summary, a")) mp.clock.toggle();
    else if (/^[0-9]$/.test(event.key)) {
      const chip = document.querySelectorAll(".mp-chips button")[Number(event.key)];
      if (chip) chip.click();
    } else return;
    event.preventDefault();
  });
})();
