"""Model cards, the comparison that a release has to pass, releases, and following the pointer."""
