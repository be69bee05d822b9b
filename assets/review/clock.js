// The one time of the review. A playing video tells it, everyone else asks for it; all that is shown listens here.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const listeners = new Set();
  let video = null, times = [0], frame = 0, shown = 0, loop = null, peek = null, waiting = 0;

  // Index of the last frame of a film whose time is not after t, which may be rounded to milliseconds.
  const frameOf = (frames, t) => {
    let low = 0, high = frames.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (frames[middle] <= t + 6e-4) low = middle; else high = middle - 1;
    }
    return low;
  };
  // A moment well inside frame i, so that rounding never shows its neighbour.
  const insideOf = (frames, i) => {
    const next = i + 1 < frames.length ? frames[i + 1] : frames[i] + 0.02;
    return frames[i] + 0.4 * (next - frames[i]);
  };
  const frameAt = (t) => frameOf(times, t);
  const inside = (i) => insideOf(times, i);
  const isPlaying = () => !!video && !video.paused && !video.ended;
  const state = () => ({
    time: times[frame], frame, shown, frames: times.length, end: times[times.length - 1],
    playing: isPlaying(), rate: video ? video.playbackRate : 1, loop, peek,
  });
  const tell = () => { const now = state(); listeners.forEach((listen) => listen(now)); };

  const show = (i) => {
    frame = Math.min(Math.max(i, 0), times.length - 1);
    if (video) mp.seek(video, inside(frame));
    tell();
  };
  const seek = (t) => { if (Number.isFinite(t)) show(frameAt(t)); };
  const pause = () => { if (video) video.pause(); };
  const play = () => {
    if (!video) return;
    const outside = loop && (times[frame] < loop.start - 1e-3 || times[frame] >= loop.end - 1e-3);
    if (outside) seek(loop.start);
    else if (frame === times.length - 1) seek(times[0]);
    video.play().catch(() => {});
  };
  const follow = (t) => {
    // The word of a picture may come after the film has been sought on and has arrived: then that place counts.
    const arrived = video && video.paused && !video.seeking;
    shown = frameAt(arrived ? video.currentTime : t);
    if (isPlaying()) {
      frame = shown;
      if (loop && t >= loop.end - 1e-3) { show(frameAt(loop.start)); return; }
    }
    tell();
  };
  // One callback for each picture that reaches the screen, with the time of exactly that picture.
  const watch = (watched) => {
    watched.requestVideoFrameCallback((_now, picture) => {
      if (video !== watched) return;
      follow(picture.mediaTime);
      watch(watched);
    });
  };
  const attach = (element, frameTimes) => {
    video = element;
    times = frameTimes.length ? frameTimes : [0];
    frame = Math.min(frame, times.length - 1);
    if (waiting !== element) {
      waiting = element;
      watch(element);
      ["play", "pause", "ratechange", "loadeddata"].forEach((name) => element.addEventListener(name, tell));
      // A seek within one picture brings no new picture to the screen.
      element.addEventListener("seeked", () => { if (!isPlaying()) shown = frameAt(element.currentTime); tell(); });
      element.addEventListener("ended", () => {
        if (loop || element.dataset.loop === "1") { seek(loop ? loop.start : times[0]); element.play().catch(() => {}); }
      });
    }
    tell();
  };

  mp.clock = {
    attach, state, seek, play, pause, frameOf, insideOf,
    reset: () => { frame = 0; shown = 0; loop = null; peek = null; },
    step: (count) => { pause(); show(frame + count); },
    toggle: () => (isPlaying() ? pause() : play()),
    setRate: (rate) => { if (video) { video.defaultPlaybackRate = rate; video.playbackRate = rate; } },
    setLoop: (span) => { loop = span; tell(); },
    setPeek: (t) => { if (t !== peek) { peek = t; tell(); } },
    listen: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
  };
})();
