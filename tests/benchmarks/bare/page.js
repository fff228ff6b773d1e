const form = document.getElementById("meeting");
const said = document.getElementById("said");

const opening = new Promise((resolve, reject) => {
  const request = indexedDB.open("bare", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("meetings", { keyPath: "id" });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

form.addEventListener(
  "submit",
  async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const body = Object.fromEntries(new FormData(form));
    const transaction = (await opening).transaction("meetings", "readwrite", { durability: "strict" });
    transaction.objectStore("meetings").put({ id: crypto.randomUUID(), body });
    transaction.oncomplete = () => {
      said.textContent = "Đã lưu trên máy.";
    };
  },
  true,
);

navigator.serviceWorker.register("worker.js");
opening.then(() => {
  document.documentElement.dataset.ready = "";
});
navigator.serviceWorker.ready.then(() => {
  document.documentElement.dataset.offline = "";
});
