"""The one file in which a helpline says who it is: its name, words, numbers, hours and channels."""
