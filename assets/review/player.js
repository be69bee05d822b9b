// The player: film, drawing, transport, repetition chips. `mount` is called by gr.HTML with its element and props.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const find = (root, query) => root.querySelector(query);
  const all = (root, query) => [...root.querySelectorAll(query)];
  const press = (buttons, chosen) =>
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button === chosen)));

  const say = (text, gaps) => mp.words.say(text, gaps);
  const chips = (room, repetitions) => {
    const chip = (text, span, label) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.setAttribute("aria-label", label);
      button.setAttribute("aria-pressed", "false");
      if (span) { button.dataset.loopStart = span.start; button.dataset.loopEnd = span.end; }
      else button.dataset.loopOff = "1";
      return button;
    };
    room.replaceChildren();
    if (!repetitions.length) return;
    const whole = chip(say("Whole film"), null, say("Play the whole film"));
    const each = repetitions.map((r) => {
      const name = `${r.index}${r.side ? ` ${say(r.side)}` : ""}`;
      return chip(name, r, say("Play repetition {n} again and again", { n: name }));
    });
    const title = document.createElement("span");
    title.textContent = say("Repeat");
    room.append(title, whole, ...each);
  };
  const readout = (data, i) => {
    const knee = (side) => data.angles.find((a) => a.name === `knee_${side}`).deg[i];
    const text = (value, digits) => (value === null || value === undefined ? "–" : value.toFixed(digits));
    const [left, right] = data.ground[i];
    const values = { a: text(knee("l"), 0), b: text(knee("r"), 0), c: text(left, 2), d: text(right, 2) };
    return say("Knee L {a}° R {b}° · Ground L {c} R {d} BW", values);
  };

  // Where to begin: at the first repetition, or when somebody is seen.
  const firstSight = (data) => {
    if (data.repetitions.length) return data.repetitions[0].start;
    return data.times[Math.max(0, data.points.findIndex((frame) => frame[0] !== null))];
  };

  const mount = (element, props, watch) => {
    const root = find(element, ".mp-player"), video = find(root, "video"), bar = find(root, ".mp-timeline");
    const lines = find(root, ".mp-lines"), drawn = find(root, ".mp-drawn"), wipe = find(root, ".mp-wipe");
    const space = find(root, ".mp-space");
    const layers = {};
    let data = null, told = "", wiped = 50; // told: the drawing as it came

    const readLayers = () => all(root, "[data-layer]").forEach((box) => { layers[box.dataset.layer] = box.checked; });
    const paint = (i) => {
      if (!data) return;
      const view = root.dataset.view;
      if (view === "space") mp.space.draw(space, data, i, layers);
      if (view === "side") mp.stage.draw(drawn, data, i, layers, video);
      else if (view !== "source") mp.stage.draw(lines, data, i, layers);
      find(root, ".mp-readout").textContent = readout(data, i);
    };
    const show = (now) => {
      if (!data) return;
      find(root, ".mp-clock b").textContent = now.time.toFixed(2);
      find(root, ".mp-clock span").textContent = ` / ${now.end.toFixed(2)} s`;
      mp.timeline.show(bar, now);
      root.dataset.playing = now.playing ? "1" : "";
      find(root, ".mp-play").setAttribute("aria-label", say(now.playing ? "Pause" : "Play"));
      all(root, ".mp-chips button").forEach((chip) => {
        const on = now.loop ? parseFloat(chip.dataset.loopStart) === now.loop.start : chip.dataset.loopOff === "1";
        chip.setAttribute("aria-pressed", String(on));
      });
      paint(now.playing ? now.shown : now.frame);
    };
    const setWipe = (share) => {
      wiped = Math.min(Math.max(share, 0), 100);
      root.style.setProperty("--mp-wipe", `${wiped}%`);
      wipe.setAttribute("aria-valuenow", wiped.toFixed(0));
    };
    const setView = (name) => {
      root.dataset.view = name;
      press(all(root, "[data-view]").filter((b) => b.tagName === "BUTTON"), find(root, `button[data-view=${name}]`));
      paint(mp.clock.state().frame);
    };
    const take = () => {
      const value = props.value;
      if (!value || !value.drawing) {
        data = null;
        told = video.dataset.url = "";
        root.dataset.empty = "1";
        video.removeAttribute("src");
        video.load();
        return;
      }
      const isNew = value.drawing !== told, url = (value.film && value.film.url) || "";
      if (!isNew && url === (video.dataset.url || "")) return; // the same again
      if (isNew) {
        told = value.drawing;
        data = JSON.parse(told);
        mp.clock.reset();
        mp.space.look(root, data, "filmed");
        root.style.setProperty("--mp-aspect", `${data.size[0]} / ${data.size[1]}`);
        root.style.setProperty("--mp-ratio", data.size[0] / data.size[1]);
        mp.timeline.fill(bar, data);
        trim.take(data.times);
        chips(find(root, ".mp-chips"), data.repetitions);
        if (window.innerWidth < 900) find(root, ".mp-stage").scrollIntoView({ block: "start", behavior: "smooth" });
      }
      root.dataset.empty = "";
      // The body can be looked at before its film is made.
      root.dataset.film = url ? "1" : "";
      if ((video.dataset.url || "") !== url) {
        video.dataset.url = url;
        if (url) video.src = url; else { video.removeAttribute("src"); video.load(); }
        video.addEventListener("loadeddata", () => mp.clock.seek(mp.clock.state().time), { once: true });
      }
      mp.clock.attach(video, data.times);
      if (isNew) mp.clock.seek(firstSight(data));
      const before = value.before ? [{ drawing: JSON.parse(value.before.drawing), film: value.before.film.url }] : [];
      compare.take([{ drawing: data, film: url }, ...before]);
      mp.effort.take(find(root, ".mp-effort"), data);
    };

    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.do || button.dataset.loopStart) compare.pause();
      const { do: what, rate, view } = button.dataset;
      if (what === "play") mp.clock.toggle();
      if (what === "back") mp.clock.step(-1);
      if (what === "next") mp.clock.step(1);
      if (rate) { mp.clock.setRate(parseFloat(rate)); press(all(root, "[data-rate]"), button); }
      if (view) setView(view);
    });
    video.addEventListener("click", () => mp.clock.toggle());
    root.addEventListener("change", (event) => {
      if (event.target.dataset.layer) { readLayers(); paint(mp.clock.state().frame); }
    });
    wipe.addEventListener("pointerdown", (event) => wipe.setPointerCapture(event.pointerId));
    wipe.addEventListener("pointermove", (event) => {
      if (!wipe.hasPointerCapture(event.pointerId)) return;
      const box = wipe.parentElement.getBoundingClientRect();
      setWipe((100 * (event.clientX - box.left)) / box.width);
    });
    wipe.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
      if (move) { setWipe(wiped + move); event.preventDefault(); event.stopPropagation(); }
    });
    document.addEventListener("click", (event) => {
      const open = find(root, ".mp-layers[open]");
      if (open && !open.contains(event.target)) open.open = false;
    });
    new ResizeObserver(() => paint(mp.clock.state().frame)).observe(find(root, ".mp-stage"));
    const compare = mp.compare.mount(find(root, ".mp-compare"), () => layers);
    mp.space.turn(root, () => data, () => paint(mp.clock.state().frame));
    const trim = mp.trim.mount(find(root, ".mp-time-room"));
    mp.timeline.scrub(bar, () => data || { times: [0] });
    mp.words.keep(root, () => {
      if (!data) return;
      chips(find(root, ".mp-chips"), data.repetitions);
      mp.timeline.fill(bar, data);
      show(mp.clock.state());
    });
    readLayers();
    setWipe(50);
    mp.clock.listen(show);
    watch("value", take);
    take();
  };
  mp.player = { mount };
})();
