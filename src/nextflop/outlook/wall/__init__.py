"""The data wall: when the demand of the largest training runs passes the effective stock of text."""
