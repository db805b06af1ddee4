"""The proof that a refined project says what its notebook said."""
