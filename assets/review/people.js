// Choice of the athlete: everyone in the picture is a button; the number that was chosen goes back to the server.
(() => {
  "use strict";
  const mp = (window.musclepose ||= {});

  const button = (person, chosen) => {
    const node = document.createElement("button");
    node.type = "button";
    node.dataset.person = person.number;
    node.setAttribute("aria-pressed", String(person.number === chosen));
    const seen = { n: person.number + 1, a: person.from, b: person.to };
    node.setAttribute("aria-label", mp.words.say("Person {n}, seen from {a} to {b} s", seen));
    node.title = mp.words.say("seen from {a} to {b} s", seen);
    Object.assign(node.style, {
      left: `${person.left}%`, top: `${person.top}%`, width: `${person.width}%`, height: `${person.height}%`,
    });
    if (!person.isHere) node.classList.add("is-elsewhere");
    const label = document.createElement("b");
    label.textContent = person.number + 1;
    node.append(label);
    return node;
  };
  const mount = (element, props, watch, tell) => {
    const root = element.querySelector(".mp-people");
    const show = () => {
      const value = props.value;
      root.hidden = !(value && value.people && value.people.length);
      if (root.hidden) return;
      const several = value.people.length > 1;
      root.querySelector("img").src = value.picture;
      root.querySelector(".mp-people-title").textContent = mp.words.say(several ? "Who is the athlete? Click the right one." : "The athlete");
      root.querySelector(".mp-people-note").textContent = value.note || "";
      // Large boxes first, so that a small person in front of a large one can be clicked.
      const sorted = [...value.people].sort((a, b) => b.width * b.height - a.width * a.height);
      root.querySelector(".mp-boxes").replaceChildren(...sorted.map((person) => button(person, value.chosen)));
    };
    root.addEventListener("click", (event) => {
      const clicked = event.target.closest("[data-person]");
      if (!clicked) return;
      props.value = { ...props.value, chosen: Number(clicked.dataset.person) };
      show();
      root.querySelector(`[data-person="${clicked.dataset.person}"]`).focus();
      tell();
    });
    mp.words.keep(root, show);
    watch("value", show);
    show();
  };
  mp.people = { mount };
})();
