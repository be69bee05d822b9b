// The bar under the film: repetitions with their phases, the playhead, and scrubbing by drag or keys.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const say = (text, gaps) => mp.words.say(text, gaps);
  const PHASES = { eccentric: "lowering", hold: "hold", concentric: "lifting" };

  const block = (kind, start, end, length, title) => {
    const node = document.createElement("i");
    node.className = kind;
    node.style.left = `${(100 * start) / length}%`;
    node.style.width = `${(100 * Math.max(end - start, 0)) / length}%`;
    if (title) node.title = title;
    return node;
  };
  const fill = (bar, data) => {
    const length = data.times[data.times.length - 1] || 1, room = bar.querySelector(".mp-reps");
    room.replaceChildren();
    data.repetitions.forEach((rep) => {
      rep.phases.forEach((phase) => {
        const seconds = (phase.end - phase.start).toFixed(2), name = PHASES[phase.name] || phase.name;
        room.append(block(`mp-phase ${phase.name}`, phase.start, phase.end, length, `${say(name)}, ${seconds} s`));
      });
      const label = block("mp-repname", rep.start, rep.end, length);
      label.textContent = rep.index;
      room.append(label, block("mp-turn", rep.turn, rep.turn, length, say("turn, {a} s", { a: rep.turn.toFixed(2) })));
    });
    data.steps.forEach((step) => {
      const mark = block(`mp-step ${step.side}`, step.time, step.time, length, say(`${step.side} step, {a} s`, { a: step.time.toFixed(2) }));
      mark.textContent = say(step.side).slice(0, 1).toUpperCase();
      room.append(mark);
    });
    bar.setAttribute("aria-valuemax", length.toFixed(2));
  };
  const show = (bar, now) => {
    const share = now.end > 0 ? `${(100 * now.time) / now.end}%` : "0%";
    bar.querySelector(".mp-played").style.width = share;
    bar.querySelector(".mp-now-line").style.left = share;
    bar.setAttribute("aria-valuenow", now.time.toFixed(2));
    bar.setAttribute("aria-valuetext", say("{a} s of {b} s", { a: now.time.toFixed(2), b: now.end.toFixed(2) }));
  };
  const scrub = (bar, data) => {
    const to = (event) => {
      const box = bar.getBoundingClientRect(), share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
      const times = data().times;
      mp.clock.seek(share * times[times.length - 1]);
    };
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      mp.clock.pause();
      to(event);
    });
    bar.addEventListener("pointermove", (event) => { if (bar.hasPointerCapture(event.pointerId)) to(event); });
  };
  mp.timeline = { fill, show, scrub };
})();
