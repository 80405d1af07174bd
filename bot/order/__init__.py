"""The order of one conversation's messages: in this process, or over Redis between several."""
