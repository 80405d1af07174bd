"""Conversations at rest: sealed, for a short time, and gone when somebody says so.

From the bottom up: ``keys`` seals, ``database`` connects, ``conversations`` reads and writes,
``desk`` does so off every loop and through outages, ``tracker_store`` is what Rasa sees. All but
the last work without Rasa, so that deleting and exporting need no model.
"""
