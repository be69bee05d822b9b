// Two handles on the timeline choose a part of the clip while its fields are open. A handle that is let go moves the film
// there and presses "From here" or "To here": which second of the upload that is, the server knows.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const SETTLED_MS = 500; // after the last key
  const BUTTONS = ["from-here", "to-here"];

  const mount = (room) => {
    const handles = [...room.querySelectorAll(".mp-trim")], cuts = [...room.querySelectorAll(".mp-cut")];
    let ends = [0, 0], length = 0, timer = 0;

    const show = () => {
      const shares = ends.map((t) => (length > 0 ? (100 * t) / length : 0));
      handles.forEach((handle, k) => {
        handle.style.left = `${shares[k]}%`;
        handle.setAttribute("aria-valuemax", length.toFixed(2));
        handle.setAttribute("aria-valuenow", ends[k].toFixed(2));
        handle.setAttribute("aria-valuetext", `${ends[k].toFixed(2)} s`);
      });
      cuts[0].style.width = `${shares[0]}%`;
      cuts[1].style.width = `${100 - shares[1]}%`;
    };
    const move = (k, t) => {
      const least = k ? ends[0] : 0, most = k ? length : ends[1];
      ends[k] = Math.min(Math.max(t, least), most);
      mp.clock.pause();
      mp.clock.seek(ends[k]);
      show();
    };
    const tell = (k) => {
      mp.clock.seek(ends[k]);
      const button = document.getElementById(BUTTONS[k]);
      if (button) button.click();
    };
    handles.forEach((handle, k) => {
      handle.addEventListener("pointerdown", (event) => {
        handle.setPointerCapture(event.pointerId);
        event.stopPropagation();
      });
      handle.addEventListener("pointermove", (event) => {
        if (!handle.hasPointerCapture(event.pointerId)) return;
        const box = room.getBoundingClientRect();
        move(k, (length * (event.clientX - box.left)) / box.width);
      });
      handle.addEventListener("pointerup", () => tell(k));
      handle.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!step) return;
        move(k, ends[k] + step * (event.shiftKey ? 1 : 0.1));
        window.clearTimeout(timer);
        timer = window.setTimeout(() => tell(k), SETTLED_MS);
        event.preventDefault();
        event.stopPropagation();
      });
    });
    return { take: (times) => { length = times[times.length - 1]; ends = [0, length]; show(); } };
  };
  mp.trim = { mount };
})();
