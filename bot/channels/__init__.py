"""The ways in: one turn for all channels, and the channels around it."""
