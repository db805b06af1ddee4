"""What a request costs: ours against plain FastAPI, with the flights' model on loopback."""
