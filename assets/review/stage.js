// Draws body, forces, path and angles on a canvas over the film. It only draws: all numbers come from the server.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const DARK = "#161b22";

  const rgb = (c, alpha = 1) => `rgba(${c[0]},${c[1]},${c[2]},${alpha})`;
  const at = (flat, k, scale) => {
    const x = flat[2 * k], y = flat[2 * k + 1];
    return x === null || x === undefined || y === null ? null : [x * scale, y * scale];
  };
  const stroke = (ctx, a, b, colour, width) => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(a[0], a[1]);
    ctx.lineTo(b[0], b[1]);
    ctx.stroke();
  };

  const bones = (ctx, data, i, scale, unit, byEffort) => {
    const drawn = data.bones.map(([s, e], k) => ({
      a: at(data.points[i], s, scale), b: at(data.points[i], e, scale), seen: data.seen[i][k],
      effort: data.effort[i] && [data.effort[i][s], data.effort[i][e]],
    })).filter((bone) => bone.a && bone.b);
    drawn.forEach((bone) => stroke(ctx, bone.a, bone.b, DARK, (bone.seen ? 9 : 4) * unit));
    drawn.filter((bone) => !bone.seen).forEach((bone) => stroke(ctx, bone.a, bone.b, rgb(data.colours.unseen), 2 * unit));
    drawn.filter((bone) => bone.seen).forEach((bone) => {
      let colour = "#ffffff";
      if (byEffort && bone.effort) {
        const shade = ctx.createLinearGradient(bone.a[0], bone.a[1], bone.b[0], bone.b[1]);
        const [start, end] = bone.effort;
        for (let piece = 0; piece <= 4; piece += 1) {
          const share = piece / 4, effort = Math.round(start * (1 - share) + end * share);
          shade.addColorStop(share, rgb(data.colours.effort[effort]));
        }
        colour = shade;
      }
      stroke(ctx, bone.a, bone.b, colour, 5.5 * unit);
    });
  };
  const keypoints = (ctx, data, i, scale, unit) => {
    for (let k = 0; k < 17; k += 1) {
      const p = at(data.keypoints[i], k, scale);
      if (!p) continue;
      for (const [radius, colour] of [[4.4 * unit, DARK], [2.8 * unit, "#ffffff"]]) {
        ctx.fillStyle = colour;
        ctx.beginPath();
        ctx.arc(p[0], p[1], radius, 0, 2 * Math.PI);
        ctx.fill();
      }
    }
  };
  const arrow = (ctx, from, tip, colour, unit) => {
    const dx = tip[0] - from[0], dy = tip[1] - from[1], length = Math.hypot(dx, dy);
    if (length < 2) return;
    const head = Math.min(16 * unit, 0.5 * length), ux = dx / length, uy = dy / length;
    const neck = [tip[0] - 0.8 * head * ux, tip[1] - 0.8 * head * uy];
    const back = [tip[0] - head * ux, tip[1] - head * uy];
    const wing = 0.55 * head;
    const corners = [tip, [back[0] - wing * uy, back[1] + wing * ux], [back[0] + wing * uy, back[1] - wing * ux]];
    const outline = () => {
      ctx.beginPath();
      corners.forEach((c, k) => (k ? ctx.lineTo(c[0], c[1]) : ctx.moveTo(c[0], c[1])));
      ctx.closePath();
    };
    stroke(ctx, from, neck, DARK, 7 * unit);
    ctx.lineWidth = 4 * unit;
    outline();
    ctx.strokeStyle = DARK;
    ctx.stroke();
    stroke(ctx, from, neck, colour, 4 * unit);
    outline();
    ctx.fillStyle = colour;
    ctx.fill();
  };
  const forces = (ctx, data, i, scale, unit) => {
    for (let foot = 0; foot < 2; foot += 1) {
      const from = at(data.forces[i], 2 * foot, scale), tip = at(data.forces[i], 2 * foot + 1, scale);
      if (from && tip) arrow(ctx, from, tip, rgb(data.colours.force, 0.85), unit);
    }
  };
  // The way of the hands through the repetition that runs, or through the whole set outside of one.
  const path = (ctx, data, i, scale, unit) => {
    const t = data.times[i];
    const rep = data.repetitions.find((r) => r.start <= t && t <= r.end);
    ctx.lineWidth = 2.5 * unit;
    ctx.strokeStyle = "#ffd23f";
    ctx.beginPath();
    let down = false;
    data.times.forEach((moment, k) => {
      const p = !rep || (moment >= rep.start && moment <= rep.end) ? at(data.path[k], 0, scale) : null;
      if (p) { if (down) ctx.lineTo(p[0], p[1]); else ctx.moveTo(p[0], p[1]); }
      down = !!p;
    });
    ctx.stroke();
    const now = at(data.path[i], 0, scale);
    if (!now) return;
    ctx.fillStyle = "#ffd23f";
    ctx.beginPath();
    ctx.arc(now[0], now[1], 5 * unit, 0, 2 * Math.PI);
    ctx.fill();
  };
  const angles = (ctx, data, i, scale, unit) => {
    ctx.font = `600 ${Math.round(Math.max(11, 15 * unit))}px system-ui, sans-serif`;
    ctx.textBaseline = "middle";
    data.angles.forEach((joint) => {
      const p = at(data.points[i], joint.point, scale), deg = joint.deg[i];
      if (!p || deg === null) return;
      const text = `${deg}°`, left = joint.name.endsWith("_l");
      const width = ctx.measureText(text).width + 8, x = left ? p[0] + 8 * unit : p[0] - 8 * unit - width;
      ctx.fillStyle = "rgba(22,27,34,.8)";
      ctx.fillRect(x, p[1] - 10 * unit - 2, width, 20 * unit + 4);
      ctx.fillStyle = left ? "#7cc4f2" : "#ffb07a";
      ctx.fillText(text, x + 4, p[1]);
    });
  };

  // layers: {skeleton, effort, points, forces, path, angles}, each true or false. film: a video to draw under it.
  const draw = (canvas, data, i, layers, film) => {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
    if (!width || !height) return;
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    const ctx = canvas.getContext("2d"), scale = width / data.size[0];
    const unit = Math.max(0.45 * ratio, Math.sqrt(width * height) / 960);
    ctx.clearRect(0, 0, width, height);
    ctx.lineCap = "round";
    ctx.lineJoin = "round";
    if (film && film.readyState >= 2) ctx.drawImage(film, 0, 0, width, height);
    if (layers.path) path(ctx, data, i, scale, unit);
    if (layers.forces) forces(ctx, data, i, scale, unit); // under the body: no arrow hides a limb
    if (layers.skeleton) bones(ctx, data, i, scale, unit, layers.effort);
    if (layers.points) keypoints(ctx, data, i, scale, unit);
    if (layers.angles) angles(ctx, data, i, scale, unit);
  };
  mp.stage = { draw, stroke };
})();
