"""The app's pages. They show what ``solver`` decides; no clinic rule and no solver lives here."""
