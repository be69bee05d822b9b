// One seek of a video at a time, and the newest wish after it: a film of Chromium that is sought on to B and back to A
// while it still seeks A can stay between them for ever.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const wishes = new WeakMap(); // null: none

  const follow = (video) => {
    wishes.set(video, null);
    video.addEventListener("emptied", () => wishes.set(video, null));
    video.addEventListener("seeked", () => {
      const wish = wishes.get(video);
      if (wish !== null) mp.seek(video, wish);
    });
  };
  mp.seek = (video, t) => {
    if (!wishes.has(video)) follow(video);
    if (video.seeking) { wishes.set(video, t); return; }
    wishes.set(video, null);
    video.currentTime = t;
  };
})();
