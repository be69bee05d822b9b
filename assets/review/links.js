// Whatever names a moment moves the film there: data-seek a time, data-loop-start and -end a repetition to repeat.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});

  const bringIntoView = () => {
    const stage = document.querySelector(".mp-player .mp-stage");
    if (!stage) return;
    const box = stage.getBoundingClientRect();
    const isSeen = box.bottom > 80 && box.top < window.innerHeight - 80;
    if (!isSeen) stage.scrollIntoView({ block: "start", behavior: "smooth" });
  };
  // Links in the text: #t=SECONDS and #repeat=NUMBER.
  const followText = (target, event) => {
    const link = target && target.closest("a[href*='#t='], a[href*='#repeat=']");
    if (!link) return false;
    event.preventDefault();
    event.stopPropagation();
    const [, kind, value] = /#(t|repeat)=([\d.]+)/.exec(link.getAttribute("href")) || [];
    if (kind === "t") { mp.clock.pause(); mp.clock.seek(parseFloat(value)); }
    const chip = kind === "repeat" && document.querySelectorAll(".mp-chips button")[Number(value)];
    if (chip) chip.click();
    bringIntoView();
    return true;
  };
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    followText(target, event);
  }, true);
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const moment = target && target.closest("[data-seek]");
    const row = target && target.closest("[data-loop-start], [data-loop-off]");
    if (moment) {
      mp.clock.pause();
      mp.clock.seek(parseFloat(moment.dataset.seek));
    } else if (row) {
      const { loopStart, loopEnd } = row.dataset;
      mp.clock.setLoop(loopStart === undefined ? null : { start: parseFloat(loopStart), end: parseFloat(loopEnd) });
      if (loopStart !== undefined) { mp.clock.seek(parseFloat(loopStart)); mp.clock.play(); }
    } else return;
    bringIntoView();
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target instanceof Element ? event.target.closest("tr[data-loop-start]") : null;
    if (row && event.key === "Enter") row.click();
  });
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof Element && event.target.closest(".mp-number")) event.target.inputMode = "decimal";
  });
})();
