"""Thursday noon: what was attended stands, what was missed is open again.

``outlook.outlook`` says who can no longer reach the weekly minimum, proved from what remains of the week,
and where the others can make up for what they missed.
"""
