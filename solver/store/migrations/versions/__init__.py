"""One file a form of the store, oldest first; none is changed once a release has it."""
