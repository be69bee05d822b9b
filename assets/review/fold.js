// The clip folds away the moment that Analyse is pressed, so that nothing jumps later, when the server answers.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const isRun = event.target instanceof Element && event.target.closest("#run:not(:disabled)");
    const open = document.querySelector("#fold button.label-wrap.open");
    if (isRun && open && document.querySelector("#upload video")) open.click();
  });
})();
