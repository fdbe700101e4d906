"""By when and at what cost: the data wall, the cost of training and serving, public series, what a corpus has."""
