"""This week from last week: what is kept of it, what has to change, and what each change is for.

``rebalancing.rebalance`` gives the answer; the parts that count and compare (``keeping``, ``frozen``) load
no solver.
"""
