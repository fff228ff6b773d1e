"""A client of the sync protocol in plain Python, written from docs/sync-protocol.md alone: nothing of ours is used."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import http.client
import http.cookiejar
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

PROTOCOL = 2


class Unanswered(Exception):  # noqa: N818 - it is no error: the phone keeps everything and comes again
    """No answer of this server; `status` and `code` say more if it said no to the whole request."""

    def __init__(self, status: int = 0, code: str = "") -> None:
        """Know what was said, if anything."""
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class Client:
    """One phone of one person."""

    def __init__(self, origin: str) -> None:
        """Talk to the server at `origin`, with cookies of its own."""
        self.origin = origin
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.officer = self.device = self.cursor = ""
        self.secret = b""
        self.device_seq = 0
        self.held: dict[str, dict[str, Any]] = {}

    def ask(
        self, path: str, data: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPMessage, bytes]:
        """Send one request; anything but a plain answer is no answer."""
        sent = {"Origin": self.origin} | {key.replace("_", "-"): value for key, value in headers.items()}
        request = urllib.request.Request(self.origin + path, data, sent)  # noqa: S310 - the address is the caller's
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            try:
                said = json.loads(refused.read()) if refused.headers.get("Gandan-Protocol") else {}
            except (OSError, http.client.HTTPException, ValueError):
                said = {}
            raise Unanswered(refused.code, said.get("error", {}).get("code", "")) from refused
        except (OSError, http.client.HTTPException) as silence:
            raise Unanswered from silence

    def exchange(self, path: str, data: bytes | None = None, **headers: str) -> Any:
        """Ask below /sync/: without its mark, an answer did not come from this server."""
        marks, answer = self.ask(path, data, **headers)
        if not marks.get("Gandan-Protocol"):
            raise Unanswered
        return json.loads(answer)

    def sign_in(self, name: str, password: str) -> None:
        """Sign in at the form and fetch the device's secret (section 3)."""
        _, page = self.ask("/sign-in")
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
        fields = {"identifier": name, "password": password, "csrf_token": token[1].decode() if token else ""}
        self.ask("/sign-in", urllib.parse.urlencode(fields).encode())
        said = self.exchange("/sync/session")
        self.officer, self.device = said["officer"]["id"], said["device"]["id"]
        self.secret = base64.urlsafe_b64decode(said["device"]["secret"] + "=")

    def operation(self, kind: str, body: dict[str, Any], **said: Any) -> dict[str, Any]:
        """Make an operation (section 4); `said` overrides any key."""
        self.device_seq += 1
        return {
            "op_id": uuid7(), "kind": kind, "id": uuid7(), "rev": 1, "base_rev": 0,
            "made_at": "2026-11-18T12:30:00.000Z", "author": self.officer, "device": self.device,
            "device_seq": self.device_seq, "body": body,
        } | said  # fmt: skip

    @staticmethod
    def freeze(operation: dict[str, Any]) -> str:
        """Return the exact text, which never changes again."""
        return json.dumps(operation, ensure_ascii=False, separators=(",", ":"))

    def envelope(self, texts: list[str], **said: Any) -> bytes:
        """Return the request that carries these frozen texts, signed."""
        signed = [{"op": text, "mac": mac_of(self.secret, text)} for text in texts]
        return json.dumps(
            {"protocol": PROTOCOL, "device": self.device, "operations": signed} | said, ensure_ascii=False
        ).encode()

    def push(self, texts: list[str], *, packed: bool = True) -> list[dict[str, Any]]:
        """Push frozen texts and return one outcome each."""
        body, headers = self.envelope(texts), {"Content_Type": "application/json"}
        if packed:
            body, headers["Content_Encoding"] = gzip.compress(body), "gzip"
        outcomes: list[dict[str, Any]] = self.exchange("/sync/push", body, **headers)["outcomes"]
        return outcomes

    def pull(self) -> None:
        """Pull until there is no more (section 5)."""
        while True:
            query = urllib.parse.urlencode({"since": self.cursor, "protocol": PROTOCOL})
            page = self.exchange(f"/sync/pull?{query}")
            if page["reset"]:
                self.held.clear()
            self.held |= {record["id"]: record for record in page["entries"] + page["petitions"]}
            for gone in page["gone"]:
                self.held.pop(gone, None)
            self.cursor = page["cursor"]
            if not page["more"]:
                return


def mac_of(secret: bytes, text: str) -> str:
    """Return base64url of HMAC-SHA256 over the text's UTF-8 bytes, without padding."""
    mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def uuid7() -> str:
    """Mint a UUIDv7 (RFC 9562)."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(3 << 62) | 2 << 62
    return re.sub("(.{8})(.{4})(.{4})(.{4})(.{12})", r"\1-\2-\3-\4-\5", f"{value:032x}")
