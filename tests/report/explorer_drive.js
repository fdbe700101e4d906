/** Moves a slider, types into its field and resets, and writes down what the page made of it. */

const log = {};
const done = async () => {
  const root = document.getElementById("explore");
  const waiting = () => root.dataset.state !== "done";
  for (let turn = 0; turn < 4000 && waiting(); turn++) await new Promise((next) => setTimeout(next, 5));
  return document.getElementById("x-said").textContent;
};
const heard = async () => {
  await new Promise((next) => setTimeout(next, 1500));
  return document.getElementById("x-aloud").textContent;
};
const shown = () => getComputedStyle(document.querySelector(".answers")).display;
const drive = async () => {
  log.before = await done();
  log.silent = await heard();
  log.live = document.querySelectorAll("[aria-live], [role=status], [role=alert]").length;
  log.closed = shown();
  const [slider, field] = document.querySelectorAll(".dial")[0].querySelectorAll("input");
  const dials = [...document.querySelectorAll(".dial")];
  log.labels = dials.map((dial) => dial.querySelector("label").htmlFor === dial.querySelector("input").id);
  log.first = slider.value;
  slider.stepUp(60);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  log.during = document.getElementById("explore").dataset.state;
  log.moved = await done();
  log.opened = shown();
  log.hasty = document.getElementById("x-aloud").textContent;
  log.heard = await heard();
  log.noted = dials.map((dial) => [...dial.querySelectorAll("input")].every((input) => input.getAttribute("aria-describedby") === dial.querySelector("p").id));
  log.hash = location.hash;
  log.field = field.value;
  log.spoken = slider.getAttribute("aria-valuetext");
  field.value = "2.5e22";
  field.dispatchEvent(new Event("change"));
  log.typed = await done();
  field.value = "a lot";
  field.dispatchEvent(new Event("change"));
  log.invalid = field.getAttribute("aria-invalid");
  log.refused = document.getElementById(field.getAttribute("aria-describedby")).textContent;
  log.told = await heard();
  log.kept = document.getElementById("x-said").textContent;
  field.value = "1e12";
  field.dispatchEvent(new Event("change"));
  log.little = await done();
  document.getElementById("x-reset").click();
  log.reset = await done();
  log.address = location.hash;
  log.back = [slider.value, field.value];
  document.body.append(Object.assign(document.createElement("pre"), { id: "log", textContent: JSON.stringify(log) }));
};
drive();
