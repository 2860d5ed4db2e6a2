"""Data: which week is open, what is in it, and files to and fro."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import streamlit as st
from pydantic import BaseModel

from solver import report
from solver.errors import FileFaults
from solver.io.files import dump, load_scenario, load_schedule
from solver.scenario import Window
from solver.timegrid import DAY_NAMES, DAY_NUMBER, clock
from ui.desk import frame
from ui.desk.tables import TABLES, weeks_by_name
from ui.widgets.text import cell, listed, plain

UPLOADS = "uploads"
page = frame.begin("Data")
