"""A group on one machine: several servers, PostgreSQL, Redis and nginx, for tests and to try it."""
