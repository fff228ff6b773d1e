"""What a person may do, and which role may do what by default.

Source: the permission matrix C3 of the domain analysis. Roles are rows; this module holds the
closed list of permissions and the rows a new installation starts with.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from webapp.fields import N_


class Permission(StrEnum):
    """Everything the code ever asks about. A permission holds below the units a role is bound to."""

    RECORD_MEETING = "record_meeting"
    """Write meeting entries and petitions of the groups followed, and as a substitute in the same place."""
    READ_MEETING = "read_meeting"
    """Read entries and petitions in scope."""
    COMMENT_MEETING = "comment_meeting"
    """Write a comment under an entry in scope."""
    DECIDE_MEETING = "decide_meeting"
    """Accept an entry or return it with remarks."""
    HANDLE_PETITION = "handle_petition"
    """Act for the unit where it is held, and only for that one: sort, assign, settle, or answer as an agency."""
    OVERSEE_PETITION = "oversee_petition"
    """Press those below who own petitions, and take in hand what they leave lying."""
    READ_ESCALATED = "read_escalated"
    """Read the petitions in scope that are overdue, or were proposed past a tier."""
    READ_PLACES = "read_places"
    """See the tree of places, who follows what, and what was changed."""
    COUNT_HOUSEHOLDS = "count_households"
    """Write down how many households a group has, from a day on."""
    PUBLISH_BULLETIN = "publish_bulletin"
    """Compose what is to be conveyed to groups, and publish it in the name of the unit where it is held."""
    PLAN_MEETING = "plan_meeting"
    """Put meetings into the calendar of a place, change them, and say who was there."""
    SET_DUTIES = "set_duties"
    """Decide on which days meetings are held, who must attend them, and what of the calendar is public."""
    ADMINISTER = "administer"
    """Manage places, people and assignments."""


class RoleDefault(NamedTuple):
    """A role as a new installation starts with it."""

    code: str
    label: str
    label_en: str
    permissions: frozenset[Permission]


_P = Permission
_PETITIONS = (_P.HANDLE_PETITION, _P.OVERSEE_PETITION)
DEFAULT_ROLES: tuple[RoleDefault, ...] = tuple(
    RoleDefault(code, label, label_en, frozenset(permissions))
    for code, label, label_en, permissions in (
        ("group_officer", N_("Cán bộ phụ trách tổ"), "Group officer", (_P.RECORD_MEETING,)),
        ("hamlet_cadre", N_("Cán bộ ấp"), "Hamlet cadre", (_P.RECORD_MEETING, _P.HANDLE_PETITION)),
        ("commune_clerk", N_("Cán bộ tổng hợp xã"), "Commune clerk",
         (_P.READ_MEETING, _P.COMMENT_MEETING, _P.DECIDE_MEETING, _P.READ_PLACES, _P.PLAN_MEETING, *_PETITIONS,
          _P.COUNT_HOUSEHOLDS, _P.PUBLISH_BULLETIN)),
        ("commune_leader", N_("Lãnh đạo xã"), "Commune leader",
         (_P.READ_MEETING, _P.COMMENT_MEETING, _P.DECIDE_MEETING, _P.READ_PLACES, _P.PLAN_MEETING, _P.SET_DUTIES,
          _P.PUBLISH_BULLETIN, *_PETITIONS)),
        ("district_officer", N_("Cán bộ huyện phụ trách ấp"), "District officer of a hamlet",
         (_P.READ_MEETING, _P.COMMENT_MEETING, _P.READ_PLACES)),
        ("district_reviewer", N_("Cán bộ tổng hợp huyện"), "District reviewer",
         (_P.READ_MEETING, _P.COMMENT_MEETING, _P.DECIDE_MEETING, _P.READ_PLACES, _P.PLAN_MEETING, _P.PUBLISH_BULLETIN,
          *_PETITIONS)),
        ("cluster_lead", N_("Trưởng cụm vùng"), "Cluster lead",
         (_P.READ_MEETING, _P.READ_PLACES, _P.OVERSEE_PETITION)),
        ("district_leader", N_("Lãnh đạo huyện"), "District leader",
         (_P.READ_MEETING, _P.READ_PLACES, _P.PLAN_MEETING, _P.SET_DUTIES, _P.PUBLISH_BULLETIN)),
        ("agency_officer", N_("Cán bộ cơ quan, ban, ngành"), "Officer of an agency", (_P.HANDLE_PETITION,)),
        ("provincial_officer", N_("Cán bộ tỉnh theo dõi xã"), "Provincial officer",
         (_P.READ_PLACES, _P.READ_ESCALATED)),
        ("administrator", N_("Quản trị"), "Administrator",
         (_P.ADMINISTER, _P.READ_PLACES, _P.COUNT_HOUSEHOLDS, _P.SET_DUTIES)),
    )
)  # fmt: skip
