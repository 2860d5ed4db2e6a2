// Between the board and the server: what was grabbed goes there, where it can go comes back. It is a
// component of its own so that the board is left alone while somebody drags.

const GRAB = "iop-board-grab";
const PLACES = "iop-board-places";
const bridges = new WeakMap();

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  let bridge = bridges.get(parentElement);
  if (!bridge) {
    bridge = {};
    bridge.listen = (event) => bridge.send("grabbed", event.detail);
    window.addEventListener(GRAB, bridge.listen);
    bridges.set(parentElement, bridge);
  }
  bridge.send = setTriggerValue;
  if (data && JSON.stringify(data) !== bridge.told) {
    bridge.told = JSON.stringify(data);
    window.dispatchEvent(new CustomEvent(PLACES, { detail: data }));
    // The day in hand was judged first; now the rest of the week.
    if (data.rest) setTriggerValue("grabbed", { ...data.grabbed, rest: true });
  }
  return () => {
    window.removeEventListener(GRAB, bridge.listen);
    bridges.delete(parentElement);
  };
}
