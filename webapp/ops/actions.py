"""Making an installation ready: the schema, and the rows every installation starts with."""

from __future__ import annotations

from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import select

from webapp.accounts.models import Role, RolePermission
from webapp.assignments.actions import add_lines
from webapp.db import db, transaction
from webapp.duties.actions import add_defaults
from webapp.permissions import DEFAULT_ROLES
from webapp.petitions import actions as petitions
from webapp.workdays import actions as workdays


def prepare_database() -> None:
    """Bring the schema up to date and add the roles and rules that are not there yet. Safe to run again."""
    upgrade(directory=current_app.extensions["migrate"].directory)
    with transaction() as session:
        known = set(session.scalars(select(Role.code)))
        for role in DEFAULT_ROLES:
            if role.code in known:
                continue
            session.add(Role(code=role.code, label=role.label, label_en=role.label_en))
            session.flush()
            session.add_all(RolePermission(role_code=role.code, permission=p.value) for p in role.permissions)
        add_lines(session)
    workdays.add_known()
    petitions.add_known()
    add_defaults()
    db.session.remove()
