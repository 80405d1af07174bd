"""The review queue: consented messages, scrubbed, kept apart, and taught from by a maintainer."""
