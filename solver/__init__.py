"""The scheduler of an Intensive Outpatient Program's week.

This package stays light on purpose: importing ``solver.checker`` must not bring in ortools, so nothing
is imported here. Ask for what you need by module: ``from solver.engine import solve``.
"""

__version__ = "0.1.0"
