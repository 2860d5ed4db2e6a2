"""Who may come in, and by which doors: the people file, identities, and the gate before the app."""
