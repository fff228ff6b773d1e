// The guide to the kinds of matters on a page of its own.
import { byId } from "../ui/fill.js";
import { begin, isUsable } from "./app.js";

const app = await begin();
if (app) {
  const { showGuide } = await import("./guide.js");
  await showGuide(byId("guide"), app.store);
  byId("notebook").setAttribute("aria-busy", "false");
  isUsable();
}
