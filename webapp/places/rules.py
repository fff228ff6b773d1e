"""What may happen to the tree of places: each operation turns a tree into `Changes`, facts taken out and facts put in.

Its counter-action is the same the other way round. Whatever the operation, the changed tree must have no `faults`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from webapp.fields import N_
from webapp.places.dated import Changes, Kind, Membership, Reading, Refused, State, Version
from webapp.places.operations import Close, Create, Join, Leave, Merge, Move, Operation, Rename, Split
from webapp.places.tree import Tree


def plan(tree: Tree, operation: Operation) -> Changes:
    """Return what an operation changes, or raise `Refused`. The tree is left as it is."""
    changes = _tidied(_MAKERS[operation.op](tree, operation))
    check(tree, changes)
    return changes


def check(tree: Tree, changes: Changes) -> None:
    """Raise `Refused` unless the tree stays a tree on every day with these changes."""
    tree.apply(changes)
    try:
        fault = next(tree.faults(changes.units | {m for f in changes.added if isinstance(f, Membership)
                                                  for m in (f.overlay, f.member)}), None)  # fmt: skip
    finally:
        tree.apply(changes.reversed())
    if fault:
        raise Refused(fault)


def _tidied(changes: Changes) -> Changes:
    """Leave out what is taken out and put in again."""
    both = set(changes.removed) & set(changes.added)
    return Changes(
        tuple(fact for fact in changes.removed if fact not in both),
        tuple(dict.fromkeys(fact for fact in changes.added if fact not in both)),
    )


def _latest(tree: Tree, unit: UUID, on: date) -> Version:
    """Return the version that stands from `on` on without end; changes are entered in their order."""
    standing = [v for v in tree.versions(unit) if v.state is State.STANDS]
    if not standing or standing[0].start > on or standing[-1].end is not None:
        raise Refused(N_("Đơn vị này không còn hoặc chưa có vào ngày ấy."))
    if standing[-1].start > on:
        raise Refused(N_("Đơn vị này đã có thay đổi sau ngày ấy; nhập theo thứ tự thời gian."))
    return standing[-1]


def _from(tree: Tree, unit: UUID, on: date, **different: object) -> Changes:
    """Change what is true of a unit from a day on."""
    old = _latest(tree, unit, on)
    new = replace(old, start=on, **different)  # type: ignore[arg-type]
    if old.start == on:
        return Changes((old,), (new,))
    return Changes((old,), (replace(old, end=on), new))


def together(*many: Changes) -> Changes:
    """Return changes that follow one another as one."""
    return _tidied(_joined(*many))


def _joined(*many: Changes) -> Changes:
    return Changes(
        tuple(fact for one in many for fact in one.removed), tuple(fact for one in many for fact in one.added)
    )


def _create(tree: Tree, operation: Create) -> Changes:
    new = operation.unit
    if tree.versions(new.id):
        raise Refused(N_("Đơn vị này đã có."))
    _known(tree, new.kind)
    if operation.parent:
        _latest(tree, operation.parent, operation.on)
    return Changes((), (Version(new.id, operation.on, None, new.kind, operation.parent, new.name, new.code),))


def _rename(tree: Tree, operation: Rename) -> Changes:
    old = _latest(tree, operation.unit, operation.on)
    kind = operation.kind or old.kind
    if _known(tree, kind).rank != tree.kinds[old.kind].rank:
        raise Refused(N_("Đổi loại chỉ trong cùng một cấp."))
    return _from(tree, operation.unit, operation.on, name=operation.name, kind=kind,
                 code=operation.code or old.code)  # fmt: skip


def _move(tree: Tree, operation: Move) -> Changes:
    if operation.parent:
        _latest(tree, operation.parent, operation.on)
    return _from(tree, operation.unit, operation.on, parent=operation.parent)


def _end(tree: Tree, unit: UUID, on: date, state: State, keepers: Iterable[UUID]) -> Changes:
    """End a unit, and say where its records are found from then on."""
    old = _latest(tree, unit, on)
    if old.start == on:
        raise Refused(N_("Đơn vị này đã có thay đổi đúng ngày ấy; hoàn tác thay đổi đó trước."))
    later = [fact for fact in tree.readings(unit) if fact.as_of > on]
    memberships = [m for m in tree.memberships(unit) if m.end is None or m.end > on]
    endings = [replace(old, start=on, end=None, parent=keeper, state=state) for keeper in keepers]
    kept = [replace(m, end=on) for m in memberships if m.start < on]
    return Changes((old, *later, *memberships), (replace(old, end=on), *endings, *kept))


def _merge(tree: Tree, operation: Merge) -> Changes:
    on, into = operation.on, operation.into
    sources = list(dict.fromkeys(operation.sources))
    old = [_latest(tree, source, on) for source in sources]
    ranks = {tree.kinds[version.kind].rank for version in old} | {_known(tree, into.kind).rank}
    if len(sources) < 2 or len(ranks) > 1:  # noqa: PLR2004 - one unit is no merger
        raise Refused(N_("Chỉ nhập từ hai đơn vị cùng cấp trở lên."))
    parent = operation.parent or old[0].parent
    done = [_create(tree, Create(on=on, unit=into, parent=parent))]
    done += [_end(tree, source, on, State.MERGED, [into.id]) for source in sources]
    done += [_from(tree, child.unit, on, parent=into.id) for s in sources for child in _children(tree, s, on)]
    overlays = {m.overlay: m.end for s in sources for m in tree.memberships(s)
                if m.member == s and (m.end is None or m.end > on)}  # fmt: skip
    joined = [Membership(overlay, into.id, on, end) for overlay, end in overlays.items()]
    members = [replace(m, overlay=into.id, start=on) for s in sources for m in tree.memberships(s)
               if m.overlay == s and (m.end is None or m.end > on)]  # fmt: skip
    return _joined(*done, Changes((), (*joined, *members, *_sums(tree, sources, into.id, on))))


def _sums(tree: Tree, sources: list[UUID], into: UUID, on: date) -> list[Reading]:
    """Return the readings of a merged unit: on its first day, and on every later day one of the old ones was read."""
    days = {on} | {f.as_of for source in sources for f in tree.readings(source) if f.as_of > on}
    found = []
    for day in sorted(days):
        known = [n for source in sources if (n := tree.households(source, day)) is not None]
        if known:
            found.append(Reading(into, day, sum(known)))
    return found


def _children(tree: Tree, unit: UUID, on: date) -> list[Version]:
    """Return what stands below a unit on `on` or comes to stand there later: all of it has to go along."""
    later = [v for v in tree.placed_below(unit) if v.state is State.STANDS and (v.end is None or v.end > on)]
    if any(v.start > on for v in later):
        raise Refused(N_("Đơn vị này đã có thay đổi sau ngày ấy; nhập theo thứ tự thời gian."))
    return later


def _split(tree: Tree, operation: Split) -> Changes:
    on, source = operation.on, operation.source
    old = _latest(tree, source, on)
    given = [child for part in operation.parts for child in part.children]
    children = {child.unit for child in _children(tree, source, on)}
    if set(given) != children or len(given) != len(children):
        raise Refused(N_("Mỗi đơn vị bên dưới phải thuộc đúng một phần."))
    if any(_known(tree, part.kind).rank != tree.kinds[old.kind].rank for part in operation.parts):
        raise Refused(N_("Đổi loại chỉ trong cùng một cấp."))
    total = tree.households(source, on)
    shares = [part.households for part in operation.parts if part.households is not None]
    if total is not None and (len(shares) < len(operation.parts) or sum(shares) != total or min(shares) < 0):
        raise Refused(N_("Số hộ của các phần phải cộng lại bằng số hộ của đơn vị cũ."))
    if any(f.as_of > on for f in tree.readings(source)):
        raise Refused(N_("Đơn vị này đã có số hộ ghi sau ngày ấy."))
    done = [_end(tree, source, on, State.SPLIT, [part.id for part in operation.parts])]
    memberships = [
        m for m in tree.memberships(source) if m.member == source and (m.end is None or m.end > on)
    ]
    for part in operation.parts:
        done.append(_create(tree, Create(on=on, unit=part, parent=old.parent)))
        done += [_from(tree, child, on, parent=part.id) for child in part.children]
        readings = (
            [Reading(part.id, on, part.households)]
            if total is not None and part.households is not None
            else []
        )
        done.append(Changes((), (*(replace(m, member=part.id, start=on) for m in memberships), *readings)))
    return _joined(*done)


def _close(tree: Tree, operation: Close) -> Changes:
    old = _latest(tree, operation.unit, operation.on)
    if _children(tree, operation.unit, operation.on):
        raise Refused(N_("Còn đơn vị bên dưới; chuyển hoặc kết thúc chúng trước."))
    if old.parent is None:
        raise Refused(N_("Đơn vị này không có cấp trên để giữ hồ sơ."))
    return _end(tree, operation.unit, operation.on, State.KEPT, [old.parent])


def _join(tree: Tree, operation: Join) -> Changes:
    overlay = _latest(tree, operation.overlay, operation.on)
    _latest(tree, operation.unit, operation.on)
    if not tree.kinds[overlay.kind].is_overlay or operation.overlay == operation.unit:
        raise Refused(N_("Chỉ đưa đơn vị vào cụm."))
    if any(m.overlay == operation.overlay and (m.end is None or m.end > operation.on)
           for m in tree.memberships(operation.unit)):  # fmt: skip
        raise Refused(N_("Đơn vị này đã ở trong cụm."))
    return Changes((), (Membership(operation.overlay, operation.unit, operation.on, None),))


def _leave(tree: Tree, operation: Leave) -> Changes:
    found = [m for m in tree.memberships(operation.unit)
             if m.overlay == operation.overlay and m.start <= operation.on and m.end is None]  # fmt: skip
    if not found:
        raise Refused(N_("Đơn vị này không ở trong cụm."))
    kept = () if found[0].start == operation.on else (replace(found[0], end=operation.on),)
    return Changes((found[0],), kept)


def _known(tree: Tree, kind: str) -> Kind:
    if kind not in tree.kinds:
        raise Refused(N_("Không có loại đơn vị này."))
    return tree.kinds[kind]


_MAKERS: Mapping[str, Callable[[Tree, Any], Changes]] = {
    "create": _create, "rename": _rename, "move": _move, "merge": _merge, "split": _split, "close": _close,
    "join": _join, "leave": _leave,
}  # fmt: skip
