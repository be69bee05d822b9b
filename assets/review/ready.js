// The page is shown once its parts stand in their places, so that nothing jumps while it loads.
(() => {
  "use strict";
  const LONGEST_MS = 8000;
  const began = performance.now();
  const look = () => {
    const stands = document.querySelector("#upload button, #upload input") && document.querySelector("#footer .mp-footer[data-arrived]");
    if (stands || performance.now() - began > LONGEST_MS) {
      window.setTimeout(() => document.documentElement.classList.add("mp-ready"), 60);
    } else window.setTimeout(look, 30);
  };
  look();
})();
