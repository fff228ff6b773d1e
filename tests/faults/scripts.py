"""What is run in the pages of a case: to hear the line, to read the phone, to make what a case begins with."""

from __future__ import annotations

from typing import Final

# Every text of the status line goes into the tab's session storage: that outlives a page, not a killed browser.
LISTEN: Final = """
if (location.protocol.startsWith("http")) new MutationObserver(() => {
  const text = document.querySelector("#sync-status")?.textContent.trim();
  const heard = JSON.parse(sessionStorage.heard ?? "[]");
  if (text && heard.at(-1) !== text) sessionStorage.heard = JSON.stringify([...heard, text]);
}).observe(document, {childList: true, subtree: true, characterData: true});
"""
# Reads the databases themselves, not through the application. A row's `box` is the part that may be sealed.
READ: Final = """
async () => {
  const wait = (request) => new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  const found = {outbox: [], sent: [], media: []};
  for (const {name} of await indexedDB.databases()) {
    if (!name.startsWith("gandan-")) continue;
    const db = await wait(indexedDB.open(name));
    const tx = db.transaction(Object.keys(found));
    for (const store of tx.objectStoreNames) {
      for (const {box, ...row} of await wait(tx.objectStore(store).getAll())) found[store].push({...box, ...row});
    }
    db.close();
  }
  return found;
}
"""
# The one row that waits becomes many, each a record of its own, as if each had been saved.
MULTIPLY: Final = """
async (count) => {
  const wait = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  const {name} = (await indexedDB.databases()).find(({name}) => name.startsWith("gandan-"));
  const db = await wait(indexedDB.open(name));
  const tx = db.transaction(["outbox", "meta"], "readwrite");
  const [row] = await wait(tx.objectStore("outbox").getAll());
  const another = (id, n) => id.slice(0, -4) + n.toString(16).padStart(4, "0");
  for (let n = 1; n < count; n++) {
    const own = {op_id: another(row.op_id, n), record_id: another(row.record_id, n), seq: row.seq + n};
    const {text, mac, ...box} = row.box; // what was frozen for the first attempt is the first one's
    tx.objectStore("outbox").put({...row, ...own, box, frozen: false});
  }
  tx.objectStore("meta").put({key: "device_seq", value: row.seq + count - 1});
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
}
"""
PICTURE: Final = """
async () => {
  const canvas = new OffscreenCanvas(1280, 960);
  const brush = canvas.getContext("2d");
  let state = 7;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let n = 0; n < 400; n++) {
    brush.fillStyle = `hsl(${next() * 360} 60% ${next() * 100}%)`;
    brush.fillRect(next() * 1280, next() * 960, 4 + next() * 40, 4 + next() * 40);
  }
  const blob = await canvas.convertToBlob({type: "image/jpeg", quality: 0.92});
  return [...new Uint8Array(await blob.arrayBuffer())];
}
"""
TAP: Final = """
([text, where]) => {
  const found = [...document.querySelectorAll(`${where} :is(button, a)`)].find(
    (one) => one.checkVisibility() && one.textContent.includes(text),
  );
  found?.click();
  return Boolean(found);
}
"""
FILL_IN: Final = """
(present) => {
  const form = document.querySelector("#record-form");
  const say = (name, value) => {
    const field = form.elements.namedItem(name);
    field.value = value(field);
    for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, {bubbles: true}));
  };
  const tap = (text) => {
    const all = [...form.querySelectorAll("button, label")];
    all.find((one) => one.checkVisibility() && one.textContent.includes(text)).click();
  };
  say("unit_id", (field) => [...field.options].filter((option) => option.value)[1].value);
  say("households_present", () => String(present));
  for (const text of ["Tiếp", "Tiếp", "Bà con không có kiến nghị gì", "Tiếp"]) tap(text);
}
"""
WORKER_READY: Final = "async () => { await navigator.serviceWorker.ready; }"
