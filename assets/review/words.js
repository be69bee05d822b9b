// Words of the review in the visitor's language: the English text is the key, and the header of the page brings the rest.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});
  const listeners = new Set();
  let came = "", words = {};

  // Gradio may make the header anew or change its attribute.
  const read = () => {
    const header = document.querySelector(".mp-header"), text = (header && header.dataset.words) || "";
    if (text === came) return false;
    came = text;
    words = text ? JSON.parse(text) : {};
    return true;
  };
  // `say` with gaps {n: 2}: the text of the language with its gaps filled.
  const say = (text, gaps = {}) => {
    read();
    return (words[text] || text).replace(/\{(\w+)\}/g, (gap, name) => (name in gaps ? gaps[name] : gap));
  };
  const NAMES = ["aria-label", "title", "alt"];
  // The fixed texts of a piece of the page: what each is in English, and what is shown for it. A text that was written
  // over by a script is that script's.
  const known = new WeakMap();
  const put = (node, name, text, write) => {
    const texts = known.get(node) || {}, old = texts[name];
    const english = old && old.shown === text ? old.english : text, shown = say(english);
    texts[name] = { english, shown };
    known.set(node, texts);
    if (shown !== text) write(shown);
  };
  const translate = (root) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const text = node.data.trim();
      if (text) put(node, "text", text, (said) => { node.data = node.data.replace(text, () => said); });
    }
    [root, ...root.querySelectorAll("*")].forEach((node) => NAMES.forEach((name) => {
      if (node.hasAttribute(name)) put(node, name, node.getAttribute(name), (said) => node.setAttribute(name, said));
    }));
  };
  // The fixed texts of `root` now and after each change of the language; `changed` is then called to write the others.
  const keep = (root, changed) => {
    read();
    translate(root);
    listeners.add(() => { translate(root); changed(); });
  };
  new MutationObserver(() => { if (read()) listeners.forEach((listen) => listen()); })
    .observe(document.documentElement, { subtree: true, childList: true, attributeFilter: ["data-words"] });

  mp.words = { say, keep };
})();
