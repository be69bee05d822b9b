// The body in space on a small canvas: turned by drag, buttons or arrow keys. Points and forces come from the server.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const BACK = "#12171e", GRID = "#34404d", SIDES = { left: "#5db4ea", right: "#ff9a56", "": "#c9d2da" };
  const EYE = 7000; // mm from the middle of the body to the eye
  const GROUND = 500; // mm between two lines on the floor
  const looking = { azimuth: 0, elevation: 0, zoom: 1 };

  const radians = (degrees) => (degrees * Math.PI) / 180;
  // World millimetres to places on the canvas: x to the right, y down, and how near to the eye.
  const projector = (width, height, middle, stature) => {
    const [sa, ca] = [Math.sin(radians(looking.azimuth)), Math.cos(radians(looking.azimuth))];
    const [se, ce] = [Math.sin(radians(looking.elevation)), Math.cos(radians(looking.elevation))];
    const scale = (Math.min(height / 1.35, width / 1.0) * looking.zoom) / stature;
    return (x, y, z) => {
      const [dx, dy, dz] = [x - middle[0], y - middle[1], z - middle[2]];
      const near = dx * sa * ce + dy * se + dz * ca * ce;
      const size = (scale * EYE) / Math.max(EYE - near, 0.2 * EYE);
      return [
        width / 2 + size * (dx * ca - dz * sa),
        height / 2 - size * (dy * ce - (dx * sa + dz * ca) * se), near, size,
      ];
    };
  };
  const line = (...drawn) => mp.stage.stroke(...drawn);
  const floor = (ctx, project, middle, ratio) => {
    const [cx, cz] = [middle[0], middle[2]].map((v) => Math.round(v / GROUND) * GROUND);
    for (let k = -3; k <= 3; k += 1) {
      line(ctx, project(cx + k * GROUND, 0, cz - 3 * GROUND), project(cx + k * GROUND, 0, cz + 3 * GROUND), GRID, ratio);
      line(ctx, project(cx - 3 * GROUND, 0, cz + k * GROUND), project(cx + 3 * GROUND, 0, cz + k * GROUND), GRID, ratio);
    }
  };
  const arrow = (ctx, from, tip, colour, unit) => {
    const dx = tip[0] - from[0], dy = tip[1] - from[1], length = Math.hypot(dx, dy);
    if (length < 2) return;
    const head = Math.min(14 * unit, 0.5 * length), [ux, uy] = [dx / length, dy / length];
    line(ctx, from, [tip[0] - 0.8 * head * ux, tip[1] - 0.8 * head * uy], colour, 4 * unit);
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.moveTo(tip[0], tip[1]);
    [1, -1].forEach((side) => ctx.lineTo(tip[0] - head * ux - side * 0.5 * head * uy, tip[1] - head * uy + side * 0.5 * head * ux));
    ctx.fill();
  };
  const body = (ctx, data, k, frame, project, unit, byEffort) => {
    const points = data.space.points[k];
    const at = (point) => project(points[3 * point], points[3 * point + 1], points[3 * point + 2]);
    const bones = data.bones.map(([start, end], b) => ({ a: at(start), b: at(end), b0: b, start, end }))
      .filter((bone) => data.space.seen[k][bone.b0])
      .sort((one, other) => one.a[2] + one.b[2] - other.a[2] - other.b[2]); // what is nearer is drawn later
    bones.forEach((bone) => {
      const side = data.space.sides[bone.b0], efforts = data.effort[frame];
      const colour = byEffort && efforts ? `rgb(${data.colours.effort[efforts[bone.end]].join(",")})` : SIDES[side];
      line(ctx, bone.a, bone.b, BACK, 9 * unit);
      line(ctx, bone.a, bone.b, colour, 6 * unit);
    });
  };
  // Letters stand at wrists and ankles, so that left and right are never confused.
  const letters = (ctx, data, k, project, unit) => {
    const points = data.space.points[k];
    ctx.font = `700 ${Math.round(Math.max(12, 13 * unit))}px system-ui, sans-serif`;
    data.bones.forEach(([start, end], b) => {
      const isLast = !data.bones.some(([next]) => next === end), side = data.space.sides[b];
      if (!isLast || !side || !data.space.seen[k][b]) return;
      const [x, y] = project(points[3 * end], points[3 * end + 1], points[3 * end + 2]);
      ctx.fillStyle = SIDES[side];
      ctx.fillText(side[0].toUpperCase(), x + 6 * unit, y + 4 * unit);
    });
  };
  const keptAt = (frames, frame) => {
    let low = 0, high = frames.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (frames[middle] <= frame) low = middle; else high = middle - 1;
    }
    return low;
  };
  const draw = (canvas, data, frame, layers) => {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
    if (!width || !height) return;
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    const ctx = canvas.getContext("2d"), k = keptAt(data.space.frames, frame), points = data.space.points[k];
    ctx.fillStyle = BACK;
    ctx.fillRect(0, 0, width, height);
    ctx.lineCap = "round";
    canvas.dataset.body = points ? "1" : "";
    if (!points) {
      ctx.fillStyle = SIDES[""];
      ctx.font = `${13 * ratio}px system-ui, sans-serif`;
      ctx.textAlign = "center";
      ctx.fillText(mp.words.say("not seen here"), width / 2, height / 2);
      ctx.textAlign = "start";
      return;
    }
    const middle = [points[0], 0.5 * data.space.height, points[2]]; // the eye goes with the hips, not up and down
    const project = projector(width, height, middle, data.space.height), unit = Math.max(0.6 * ratio, height / 620);
    floor(ctx, project, middle, ratio);
    if (layers.forces) {
      data.space.forces[k].filter(Boolean).forEach((f) => {
        arrow(ctx, project(f[0], f[1], f[2]), project(f[3], f[4], f[5]), `rgb(${data.colours.force.join(",")})`, unit);
      });
    }
    if (layers.skeleton) {
      body(ctx, data, k, frame, project, unit, layers.effort);
      letters(ctx, data, k, project, unit);
    }
  };

  const tell = (root) => {
    const canvas = root.querySelector(".mp-space");
    looking.azimuth = (looking.azimuth + 360) % 360;
    looking.elevation = Math.min(Math.max(looking.elevation, -20), 89);
    looking.zoom = Math.min(Math.max(looking.zoom, 0.4), 4);
    canvas.setAttribute("aria-valuenow", looking.azimuth.toFixed(0));
    canvas.setAttribute("aria-valuetext", mp.words.say("turned to {a} degrees, from {b} degrees above", { a: looking.azimuth.toFixed(0), b: looking.elevation.toFixed(0) }));
  };
  const mark = (root, name) => root.querySelectorAll("[data-look]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.look === name));
  });
  const look = (root, data, name) => {
    [looking.azimuth, looking.elevation] = data.space.views[name];
    mark(root, name);
    tell(root);
  };
  // Buttons, keys and drag; `repaint` draws anew.
  const turn = (root, data, repaint) => {
    const canvas = root.querySelector(".mp-space");
    const by = (azimuth, elevation, zoom = 1) => {
      looking.azimuth += azimuth;
      looking.elevation += elevation;
      looking.zoom *= zoom;
      if (azimuth || elevation) mark(root, "");
      tell(root);
      repaint();
    };
    const moves = {
      ArrowLeft: [10, 0], ArrowRight: [-10, 0], ArrowUp: [0, 10], ArrowDown: [0, -10], "+": [0, 0, 1.25], "-": [0, 0, 0.8],
    };
    canvas.addEventListener("keydown", (event) => {
      if (!(event.key in moves)) return;
      by(...moves[event.key]);
      event.preventDefault();
      event.stopPropagation();
    });
    let last = null;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      last = [event.clientX, event.clientY];
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last || !canvas.hasPointerCapture(event.pointerId)) return;
      const up = event.pointerType === "touch" ? 0 : 0.5 * (event.clientY - last[1]); // a finger scrolls the page up and down
      by(-0.6 * (event.clientX - last[0]), up);
      last = [event.clientX, event.clientY];
    });
    ["pointerup", "pointercancel"].forEach((name) => canvas.addEventListener(name, () => { last = null; }));
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-look], [data-zoom]");
      if (!button || !data()) return;
      if (button.dataset.look) { look(root, data(), button.dataset.look); repaint(); }
      else by(0, 0, parseFloat(button.dataset.zoom));
    });
  };
  mp.space = { draw, look, turn };
})();
