"""Hands a conversation to the people of a helpline, and takes it back."""
