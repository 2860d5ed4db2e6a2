"""What is in a person's hands: their desk on disk, the week on it, and whose names are shown."""
