"""What an operator sees of a running server: figures, states and times, never a person's words."""
