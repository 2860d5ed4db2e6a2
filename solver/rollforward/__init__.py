"""Next week's scenario from this week's: ``rolling.next_week`` gives it, with a notice for all it did."""
