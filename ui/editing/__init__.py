"""Editing a week as tables: a draft of text cells, read by the same code as a filled-in workbook.

``draft``, ``arriving``, ``edits``, ``painting``, ``goals``, ``fresh`` and ``saying`` are pure
functions and know no Streamlit; the modules called ``*_view`` draw what they say.
"""
