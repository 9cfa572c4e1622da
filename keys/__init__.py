"""Keys and who trusts them; knows neither issuer nor verifier."""
