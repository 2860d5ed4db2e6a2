"""How older stores become today's: Alembic runs ``env.py`` and what is in ``versions``."""
