"""What is true: offences, numbers, steps and their sources. Imports nothing of ours."""
