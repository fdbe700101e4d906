"""Rules and tree compiled for processors, one position after another: small steps that cost little each."""
