"""What to say about it: slots to a question, facts to messages. Imports knowledge only."""
