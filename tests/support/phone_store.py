"""What a phone holds, read past the app: its database as it stands, also while there is no server."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Page

_READ: Final = """
async (name) => {
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const all = async (database, store) => {
    const opened = await answer(indexedDB.open(database));
    try {
      return await answer(opened.transaction(store).objectStore(store).getAll());
    } finally {
      opened.close();
    }
  };
  const current = (await all("gandan", "meta")).find((row) => row.key === "current")?.value;
  const rows = current ? await all(`gandan-${current}`, name) : [];
  return rows.map(({ box, ...open }) => ({ ...open, ...box }));
}
"""


def stored(page: Page, name: str) -> list[dict[str, Any]]:
    """Return the rows of one store of the notebook that is open on this phone."""
    found: list[dict[str, Any]] = page.evaluate(_READ, name)
    return found
