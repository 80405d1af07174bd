"""One module a topic; each answer is a pure function of an Ask and the Book."""
