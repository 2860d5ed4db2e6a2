"""The only folder that opens files. Each module reads and writes one kind of them."""
