// Two repetitions side by side at the same share of each, of one set or of two. Times, curves, differences and text come
// from the server.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const SVG = "http://www.w3.org/2000/svg";
  const PLOT = { left: 46, right: 632, top: 12, bottom: 172 };

  const node = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const options = (select, names, chosen) => select.replaceChildren(...names.map((name, i) => {
    const option = document.createElement("option");
    option.value = i;
    option.textContent = name;
    option.selected = i === chosen;
    return option;
  }));
  const say = (text, gaps) => mp.words.say(text, gaps);
  const number = (value, digits) => (value === null ? "–" : value.toFixed(digits).replace("-", "−"));

  const mount = (root, layers) => {
    const [one, other] = root.querySelectorAll("select[data-which]"), which = root.querySelector("select[data-curve]");
    const figures = [...root.querySelectorAll("figure")], videos = figures.map((f) => f.querySelector("video"));
    const bar = root.querySelector("input[type=range]"), plot = root.querySelector("svg");
    const play = root.querySelector("[data-pair=play]"), mirror = root.querySelector("[data-mirror]");
    let data = null, sets = [], percent = 0, playing = false; // sets: drawing and film, of this set and of the one before

    const chosen = () => [Number(one.value), Number(other.value)];
    const repetition = (k) => data.compare.repetitions[chosen()[k]];
    const times = (k) => repetition(k).times;
    const setOf = (k) => sets[repetition(k).set];
    const frameOf = (k, t) => mp.clock.frameOf(setOf(k).drawing.times, t);
    const x = (p) => PLOT.left + (p / 100) * (PLOT.right - PLOT.left);
    const paint = () => videos.forEach((video, k) => {
      const frame = frameOf(k, playing ? video.currentTime : times(k)[percent]);
      mp.stage.draw(figures[k].querySelector("canvas"), setOf(k).drawing, frame, { ...layers(), angles: false, path: false });
    });
    const tell = () => {
      bar.value = percent;
      root.querySelector("output").textContent = `${percent} %`;
      figures.forEach((figure, k) => {
        const name = repetition(k).label;
        figure.querySelector("figcaption").textContent = `${name}: ${times(k)[percent].toFixed(2)} s`;
      });
      const curve = data.compare.curves[Number(which.value)];
      if (!curve) return;
      plot.querySelector(".mp-head").setAttribute("x1", x(percent));
      plot.querySelector(".mp-head").setAttribute("x2", x(percent));
      const [a, b] = chosen().map((i) => number(curve.values[i][percent], curve.digits));
      root.querySelector(".mp-pair-now").textContent = say("earlier {a}, later {b} {unit}", { a, b, unit: curve.unit });
    };
    const show = (p) => {
      percent = Math.min(Math.max(Math.round(p), 0), 100);
      videos.forEach((video, k) => { mp.seek(video, mp.clock.insideOf(setOf(k).drawing.times, frameOf(k, times(k)[percent]))); });
      tell();
      paint();
    };
    const drawPlot = () => {
      const curve = data.compare.curves[Number(which.value)];
      plot.replaceChildren();
      if (!curve) return;
      const y = (v) => PLOT.top + ((curve.high - v) / (curve.high - curve.low)) * (PLOT.bottom - PLOT.top);
      curve.ticks.forEach((v) => plot.append(
        node("line", { class: v === 0 ? "mp-zero" : "mp-line", x1: PLOT.left, x2: PLOT.right, y1: y(v), y2: y(v) }),
        node("text", { x: PLOT.left - 6, y: y(v) + 5, "text-anchor": "end" }, String(v).replace("-", "−"))));
      [0, 25, 50, 75, 100].forEach((p) => plot.append(
        node("text", { x: x(p), y: PLOT.bottom + 18, "text-anchor": p === 100 ? "end" : "middle" }, `${p} %`)));
      const turn = data.compare.turn;
      plot.append(
        node("line", { class: "mp-turn-line", x1: x(turn), x2: x(turn), y1: PLOT.top, y2: PLOT.bottom }),
        node("text", { x: x(turn) + 4, y: PLOT.bottom - 4 }, say("turn")),
        node("text", { x: 0.5 * (PLOT.left + PLOT.right), y: 211, "text-anchor": "middle" }, say("share of the repetition; {title}, {unit}", curve)));
      chosen().forEach((i, k) => {
        let path = "", down = false;
        curve.values[i].forEach((v, p) => {
          if (v !== null) path += `${down ? "L" : "M"}${x(p).toFixed(1)} ${y(v).toFixed(1)}`;
          down = v !== null;
        });
        plot.append(node("path", { class: k ? "mp-later" : "mp-earlier", d: path }));
      });
      plot.append(node("line", { class: "mp-head", y1: PLOT.top, y2: PLOT.bottom }));
      const names = chosen().map((i) => data.compare.repetitions[i].label);
      plot.setAttribute("aria-label", say("{title} of {a} and {b} over the repetition", { title: curve.title, a: names[0], b: names[1] }));
    };
    const differences = () => {
      const [a, b] = chosen(), pair = data.compare.pairs[`${a}-${b}`], names = [a, b].map((i) => data.compare.repetitions[i].label);
      root.querySelector(".mp-difference").textContent = pair.text;
      const heads = root.querySelectorAll("thead th");
      names.forEach((name, k) => { heads[k + 1].textContent = name; });
      root.querySelector("tbody").replaceChildren(...pair.rows.map(([title, ...cells]) => {
        const row = document.createElement("tr"), head = document.createElement("th");
        head.scope = "row";
        head.textContent = title[0].toUpperCase() + title.slice(1);
        row.append(head, ...cells.slice(0, 3).map((text) => Object.assign(document.createElement("td"), { textContent: text })));
        row.classList.toggle("is-clear", cells[3] === 1);
        return row;
      }));
    };
    const pause = () => {
      playing = false;
      videos.forEach((video) => video.pause());
      play.textContent = say("Play both");
    };
    // The earlier one plays by itself, the later one is kept at the same share of its own time.
    const follow = () => {
      if (!playing) return;
      const now = videos[0].currentTime, first = times(0), second = times(1);
      let p = first.findIndex((t) => t > now) - 1;
      if (p < 0) p = now < first[0] ? 0 : 100;
      const rate = mp.clock.state().rate, step = Math.min(p, 99);
      const pace = (second[step + 1] - second[step]) / Math.max(first[step + 1] - first[step], 1e-3);
      videos[0].playbackRate = rate;
      videos[1].playbackRate = Math.min(Math.max(rate * pace, 0.0625), 8);
      if (Math.abs(videos[1].currentTime - second[p]) > 0.12 && !videos[1].seeking) videos[1].currentTime = second[p];
      percent = p;
      tell();
      paint();
      if (p >= 100) { show(0); start(); return; }
      window.requestAnimationFrame(follow);
    };
    const start = () => {
      mp.clock.pause();
      if (percent >= 100) show(0);
      playing = true;
      play.textContent = say("Pause");
      videos.forEach((video) => video.play().catch(() => {}));
      window.requestAnimationFrame(follow);
    };
    // Each side plays the film of its set.
    const putFilms = () => videos.forEach((video, k) => {
      const { film, drawing } = setOf(k), [width, height] = drawing.size;
      figures[k].style.setProperty("--mp-aspect", `${width} / ${height}`);
      figures[k].style.setProperty("--mp-ratio", width / height);
      if (video.dataset.url === film) return;
      video.dataset.url = film;
      video.preload = "auto";
      video.src = film;
      video.addEventListener("loadeddata", () => show(percent), { once: true });
    });
    const choose = () => {
      pause();
      putFilms();
      differences();
      drawPlot();
      show(percent);
    };
    const load = () => {
      if (data && root.open) choose();
    };
    const take = (shown) => {
      pause();
      const { compare } = shown[0].drawing;
      const isThere = Boolean(compare) && compare.repetitions.every((r) => shown[r.set] && shown[r.set].film);
      root.hidden = !isThere;
      if (!isThere) { root.open = false; data = null; return; }
      sets = shown;
      data = shown[0].drawing;
      percent = 0;
      root.querySelector("summary").textContent = shown.length > 1 && compare.repetitions.some((r) => r.set)
        ? say("Compare repetitions of this set and the one before") : say("Compare two repetitions");
      const names = compare.repetitions.map((r) => r.label);
      options(one, names, compare.chosen[0]);
      options(other, names, compare.chosen[1]);
      options(which, data.compare.curves.map((curve) => curve.title), 0);
      load();
    };

    root.addEventListener("toggle", () => { if (root.open) load(); else pause(); });
    root.addEventListener("change", (event) => {
      if (!data) return;
      if (event.target === mirror) { figures[1].classList.toggle("is-mirrored", mirror.checked); return; }
      if (event.target === one || event.target === other) {
        const [a, b] = chosen(), last = data.compare.repetitions.length - 1;
        if (a > b) [one.value, other.value] = [b, a];
        else if (a === b && event.target === one) { if (a < last) other.value = a + 1; else one.value = a - 1; }
        else if (a === b) { if (b > 0) one.value = b - 1; else other.value = b + 1; }
      }
      if (event.target.tagName === "SELECT") choose();
    });
    bar.addEventListener("input", () => { pause(); show(Number(bar.value)); });
    play.addEventListener("click", () => { if (playing) { pause(); show(percent); } else start(); });
    root.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ",": -1, ".": 1 }[event.key];
      if (!step || event.target.closest("select, input")) return;
      pause();
      show(percent + step);
      event.preventDefault();
      event.stopPropagation();
    });
    const scrub = (event) => {
      const box = plot.getBoundingClientRect(), at = ((event.clientX - box.left) / box.width) * 640;
      pause();
      show((100 * (at - PLOT.left)) / (PLOT.right - PLOT.left));
    };
    plot.addEventListener("pointerdown", (event) => { plot.setPointerCapture(event.pointerId); scrub(event); });
    plot.addEventListener("pointermove", (event) => { if (plot.hasPointerCapture(event.pointerId)) scrub(event); });
    new ResizeObserver(() => { if (data && root.open) paint(); }).observe(root.querySelector(".mp-pair"));
    return { take, pause };
  };
  mp.compare = { mount };
})();
