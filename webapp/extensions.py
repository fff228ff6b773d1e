"""Flask extensions, made once and bound to an app by `create_app`."""

from __future__ import annotations

from flask_babel import Babel
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

babel = Babel()
compress = Compress()
csrf = CSRFProtect()
migrate = Migrate(render_as_batch=True)
