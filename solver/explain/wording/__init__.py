"""Every text of the explanations, in plain English; what they say is decided elsewhere."""
