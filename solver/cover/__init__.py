"""Somebody is out: which sessions cannot stand, and complete weeks that can, ranked.

``cover.repairs`` gives the answer. No solver is needed: what may be tried is found with the screening and
the ledger, and every repair is a whole week that the checker has passed.
"""
