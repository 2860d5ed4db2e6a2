"""How large weeks are solved: starts, neighbourhoods, bounds."""
