# What we use of Flask-WTF, typed: the package has no annotations.

from flask_wtf.csrf import CSRFProtect as CSRFProtect
from flask_wtf.form import FlaskForm as FlaskForm
from wtforms import Form as Form
